"""Publication of the replies and the way back: what would change is shown first, then what has changed."""

from web.console.access import Session
from web.console.kit import Button, Disclosure, Frame, Node, Panel, When, facts, link
from web.console.training import addresses
from web.console.training.desk import by, learn_names, told, training, who
from web.console.training.parts import ask
from web.console.training.reply_changes import AHEAD, DONE, show_changes
from web.console.training.words import counted
from web.training.publishing import PUBLISHED, REPLIES_BACK
from web.training.settings import VARIANTS
from web.training.shapes import AuditEntry, Fault, Published, ReplyChange, RolledBack


class PublishPanel:
    """Says what was edited since the last publication, and publishes."""

    def __init__(self, session: Session, frame: Frame) -> None:
        self._session = session
        self._frame = frame
        with Panel("Publish"):
            Node("p", "Saved replies reach customers when they are published; nothing is restarted.")
            self._since = Node("div", "", "stack")
            self._outcome = Node("div", "", "stack", role="status")
            # Beside the status: a screen reader is told the outcome, and not every changed word at once.
            self._changed = Node("div")
            with Node("div", "", "buttons"):
                Button("Publish…", self._publish, kind="primary")
                Button("Roll back…", self._roll_back, kind="danger")

    async def refresh(self) -> None:
        entries = await training().audit(300)
        await learn_names()
        edited, last = edited_since(entries)
        self._since.clear()
        with self._since:
            if last is not None:
                how = "Last published " if last.what == PUBLISHED else "Last rolled back "
                with Node("p", how, "hint"):
                    When(last.at)
                    Node(
                        "span",
                        f" by {who(self._session, last.who)}, version {_short(last.details['version'])}.",
                    )
            if edited:
                Node(
                    "p", "Edited here since then:" if last else "Edited here, and never published from here:"
                )
                with Node("ul", "", "lines"):
                    for entry in edited:
                        with Node("li", f"{entry.details['path']}, by {who(self._session, entry.who)}, "):
                            When(entry.at)
            else:
                Node("p", "Nothing was edited here since then." if last else "Nothing was edited here yet.")

    async def _publish(self) -> None:
        with told(self._frame):
            self._frame.toasts.show("Checking all replies…")
            dry = await training().publish_variants(by(self._session), dry_run=True)
            if dry.faults:
                self._show_faults(dry.faults)
                return
            texts = f"{counted(dry.replies, 'reply', 'replies')} with {counted(dry.texts, 'text')}"

            def fill() -> None:
                Node("p", f"All is well: {texts}. They will be live in every process within a moment.")
                facts([("Version", _short(dry.version)), ("In the place of", _short(dry.before))])
                _show(dry.before, dry.changes, AHEAD)

            if not await ask("Publish the replies", fill, "Publish"):
                self._frame.toasts.show("Nothing was published.")
                return
            done = await training().publish_variants(by(self._session), dry_run=False, only=dry.version)
            if done.faults:
                self._show_faults(done.faults)
                return
            same = done.before == done.version
            self._show_done(
                "This version was live already; nothing changed for customers."
                if same
                else f"Version {_short(done.version)} is live; before it was {_short(done.before)}.",
                None if same else done,
            )
            await self.refresh()

    async def _roll_back(self) -> None:
        with told(self._frame):
            dry = await training().roll_back_variants(by(self._session), dry_run=True)

            def fill() -> None:
                Node(
                    "p",
                    "These replies come back, in every process within a moment. The files stay as they are.",
                )
                facts([("Brings back version", _short(dry.version)), ("In the place of", _short(dry.before))])
                _show(dry.before, dry.changes, AHEAD)

            if not await ask("Roll back the replies", fill, "Roll back"):
                self._frame.toasts.show("Nothing was rolled back.")
                return
            done = await training().roll_back_variants(by(self._session), dry_run=False, only=dry.version)
            self._show_done(
                f"Rolled back: version {_short(done.version)} is live again; before it was {_short(done.before)}.",
                done,
            )
            await self.refresh()

    def _show_done(self, said: str, done: Published | RolledBack | None) -> None:
        self._outcome.clear()
        with self._outcome:
            Node("p", said, "notice")
        self._changed.clear()
        if done is not None:
            with self._changed, Disclosure("What it changed", unfolded=True):
                _show(done.before, done.changes, DONE)
        self._frame.toasts.show(said, "good")

    def _show_faults(self, faults: tuple[Fault, ...]) -> None:
        self._changed.clear()
        self._outcome.clear()
        with self._outcome:
            Node("p", f"{counted(len(faults), 'fault')}; nothing was published.", "error")
            with Node("ul", "", "lines faults"):
                for fault in faults:
                    with Node("li"):
                        link(f"{fault.path}, line {fault.line}", addresses.of_file(fault.path, fault.line))
                        Node("span", fault.message)
        self._frame.toasts.show(f"{counted(len(faults), 'fault')}; nothing was published.", "bad")


def edited_since(entries: tuple[AuditEntry, ...]) -> tuple[list[AuditEntry], AuditEntry | None]:
    """The newest edit of each file of replies since what is live was made live, and how that was done."""
    newest: dict[str, AuditEntry] = {}
    for entry in entries:
        if entry.what in {PUBLISHED, REPLIES_BACK}:
            return list(newest.values()), entry
        path = str(entry.details.get("path", ""))
        if entry.what == "edited" and path.startswith(VARIANTS):
            newest.setdefault(path, entry)
    return list(newest.values()), None


def _show(before: str | None, changes: tuple[ReplyChange, ...] | None, labels: tuple[str, str]) -> None:
    """The changes; in words, where there are none or they can't be told."""
    if before is None:
        Node("p", "No replies were published before, so there is nothing to compare with.")
    elif changes is None:
        Node("p", "What is live is of an older shape that can't be read, so the changes can't be shown.")
    elif not changes:
        Node("p", "No reply differs from what is live.")
    else:
        show_changes(changes, labels)


def _short(version: object) -> str:
    return str(version)[:10] if version else "none"
