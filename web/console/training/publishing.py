"""Publication of the replies: a dry run first, then what changed."""

from web.console.access import Session
from web.console.kit import Button, Frame, Node, Panel, When, facts, link
from web.console.training import addresses
from web.console.training.desk import by, learn_names, told, training, who
from web.console.training.parts import ask
from web.console.training.words import counted
from web.training.settings import VARIANTS
from web.training.shapes import AuditEntry, Fault, Published


class PublishPanel:
    """Says what was edited since the last publication, and publishes."""

    def __init__(self, session: Session, frame: Frame) -> None:
        self._session = session
        self._frame = frame
        with Panel("Publish"):
            Node("p", "Saved replies reach customers when they are published; nothing is restarted.")
            self._since = Node("div", "", "stack")
            self._outcome = Node("div", "", "stack", role="status")
            with Node("div", "", "buttons"):
                Button("Publish…", self._publish, kind="primary")

    async def refresh(self) -> None:
        entries = await training().audit(300)
        await learn_names()
        edited, last = edited_since(entries)
        self._since.clear()
        with self._since:
            if last is not None:
                with Node("p", "Last published ", "hint"):
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
                facts([("Version", _short(dry.version))])

            if not await ask("Publish the replies", fill, "Publish"):
                self._frame.toasts.show("Nothing was published.")
                return
            done = await training().publish_variants(by(self._session), dry_run=False)
            if done.faults:
                self._show_faults(done.faults)
                return
            self._show_done(done)
            await self.refresh()

    def _show_done(self, done: Published) -> None:
        same = done.before == done.version
        said = (
            "This version was live already; nothing changed for customers."
            if same
            else f"Version {_short(done.version)} is live; before it was {_short(done.before)}."
        )
        self._outcome.clear()
        with self._outcome:
            Node("p", said, "notice")
        self._frame.toasts.show(said, "good")

    def _show_faults(self, faults: tuple[Fault, ...]) -> None:
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
    """The newest edit of each file of replies since the last publication, and that publication."""
    newest: dict[str, AuditEntry] = {}
    for entry in entries:
        if entry.what == "published":
            return list(newest.values()), entry
        path = str(entry.details.get("path", ""))
        if entry.what == "edited" and path.startswith(VARIANTS):
            newest.setdefault(path, entry)
    return list(newest.values()), None


def _short(version: object) -> str:
    return str(version)[:10] if version else "none"
