"""Runs in Rasa's environment: `rasa init`'s own pipeline on our utterances. Reads and writes JSON by files.

`python diet_in_rasa.py FOLDER` reads `FOLDER/messages.json` (a list of texts) and the NLU data in `FOLDER/nlu.yml`, and
writes `FOLDER/found.json`: seconds of training, and for each message the intent and the milliseconds of the parse.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent
from rasa.model_training import train_nlu


async def _parse(agent: Agent, messages: list[str]) -> list[dict[str, Any]]:
    await agent.parse_message("warm up")
    found = []
    for message in messages:
        started = time.perf_counter()
        parsed = await agent.parse_message(message)
        milliseconds = (time.perf_counter() - started) * 1000
        found.append({"intent": parsed["intent"]["name"], "milliseconds": milliseconds})
    return found


def main(folder: Path) -> None:
    """Train and parse."""
    messages = json.loads((folder / "messages.json").read_text(encoding="utf-8"))
    started = time.monotonic()
    model = train_nlu(
        config=str(folder / "config.yml"), nlu_data=str(folder / "nlu.yml"), output=str(folder / "models")
    )
    seconds = time.monotonic() - started
    found = asyncio.run(_parse(Agent.load(model), messages))
    (folder / "found.json").write_text(json.dumps({"seconds": seconds, "found": found}), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
