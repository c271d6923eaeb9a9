"""`python -m actions serve`, `publish`, `rollback` (both `[--dry-run]`), `preview REPLY`, `pages [QUESTION]`."""

import argparse
import sys
from pathlib import Path

from pydantic import ValidationError

from actions.settings import DATA, DOMAIN, ActionSettings
from actions.variants.check import DomainNames, Unpublishable, load_set
from actions.variants.choose import UnknownReply
from actions.variants.compiled import compile_set
from actions.variants.preview import PreviewRequest, preview, read_policy
from actions.variants.publishing import How, bring_back, publish_files, say_json
from common.settings import load


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m actions", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="run the action server")
    publishing = commands.add_parser(
        "publish", help="check data/variants and data/decisions/paths.yml, and make them live"
    )
    previewing = commands.add_parser(
        "preview",
        help="what a reply says to several readers, as JSON",
        description="Reads {readers: [{name, customer_id, attributes}], mood, turns, values} from standard input.",
    )
    previewing.add_argument("reply")
    searching = commands.add_parser(
        "pages", help="check the help pages; with a question, say which passages would answer it"
    )
    searching.add_argument("question", nargs="?")
    back = commands.add_parser("rollback", help="make the replies live that were published before")
    for command, shown in ((publishing, "published"), (back, "brought back")):
        command.add_argument(
            "--dry-run", action="store_true", help="say what would change, and change nothing"
        )
        command.add_argument("--json", action="store_true", help="the outcome as JSON on standard output")
        command.add_argument("--only", metavar="VERSION", help=f"the version that has to be the one {shown}")
    for command in (publishing, previewing, searching):
        command.add_argument(
            "--data", type=Path, default=DATA, help="another folder of data than the checkout's"
        )
    arguments = parser.parse_args()
    match arguments.command:
        case "publish":
            how = How(dry_run=arguments.dry_run, as_json=arguments.json, only=arguments.only)
            return publish_files(arguments.data, how)
        case "rollback":
            how = How(dry_run=arguments.dry_run, as_json=arguments.json, only=arguments.only)
            return bring_back(how)
        case "preview":
            return _preview(arguments.data, arguments.reply)
        case "pages":
            # Imported here: the other commands need no model.
            from actions.retrieval.command import run  # noqa: PLC0415

            return run(arguments.data, arguments.question)
    # Imported here: publishing needs neither Sanic nor the dialogue.
    from actions.server import serve  # noqa: PLC0415

    serve(load(ActionSettings))
    return 0


def _preview(data: Path, reply: str) -> int:
    try:
        request = PreviewRequest.model_validate_json(sys.stdin.read())
        variants = load_set(data, DomainNames.of(DOMAIN))
        lines = preview(compile_set(variants), reply, request, read_policy(data))
    except ValidationError as error:
        print(f"standard input: {error.errors()[0]['msg']}", file=sys.stderr)
        return 2
    except Unpublishable as error:
        say_json({"faults": [vars(fault) for fault in error.faults], "lines": []})
        return 1
    except UnknownReply:
        print(f"there is no reply {reply}", file=sys.stderr)
        return 1
    say_json({"faults": [], "lines": lines})
    return 0


if __name__ == "__main__":
    sys.exit(main())
