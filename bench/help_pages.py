"""What an answer from a help page costs beside a plain one, and how good the answers are.

Both go through the action server's executor in this process, with a Redis of their own, in turn, for an anonymous
visitor; so the difference is the search alone.
"""

import asyncio
import json
import platform
import statistics
import tempfile
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import yaml
from rasa_sdk import Tracker
from rasa_sdk.executor import ActionExecutor
from rich.console import Console

from actions.knowledge import Knowledge
from actions.profile import Profiles
from actions.retrieval.finder import ANSWERS, MAY_HELP, Finder
from actions.server import make_executor
from actions.services import Services, connect_redis
from actions.settings import DATA, DOMAIN
from actions.shop import Shop
from actions.variants.check import DomainNames, load_set
from actions.variants.store import PublishedVariants
from nlu_models.sentence_model import ensure_sentence_model
from ops.ports import free_port
from ops.redis_server import RedisServer
from profiles.client import ProfilesClient

RESULTS = Path(__file__).parent / "results"
QUESTIONS = Path(__file__).parents[1] / "tests" / "actions" / "retrieval" / "questions.yml"
_NOWHERE = "http://127.0.0.1:9"
_ROUNDS = 300


def run() -> int:
    """Measure, print and keep the result."""
    pages = Finder.load(DATA, ensure_sentence_model())
    result: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"processor": platform.processor() or platform.machine(), "cores": psutil.cpu_count()},
        "passages": len(pages.passages),
        "load": round(psutil.getloadavg()[0], 1),
        "quality": quality(pages),
        "search_processor_ms": _search_cost(pages),
        "milliseconds": asyncio.run(_costs(pages)),
    }
    file = RESULTS / f"help-pages-{datetime.now(UTC):%Y-%m-%d}.json"
    file.write_text(json.dumps(result, indent=2) + "\n", "utf-8")
    Console().print_json(json.dumps(result))
    return 0


def quality(pages: Finder) -> dict[str, Any]:
    """Counts on the questions that no setting was chosen by."""
    half = yaml.safe_load(QUESTIONS.read_text("utf-8"))["report"]
    asked = [(row["passages"], pages.find(row["ask"], 3)) for row in half["answered"]]
    strangers = [pages.find(text)[0].score for text in half["unanswered"]]
    answered = [hits[0].passage.place in right for right, hits in asked if hits[0].score >= ANSWERS]
    return {
        "questions": len(asked),
        "right_first": sum(hits[0].passage.place in right for right, hits in asked),
        "right_among_three": sum(any(hit.passage.place in right for hit in hits) for right, hits in asked),
        "answered_rightly": sum(answered),
        "answered_wrongly": answered.count(False),
        "pointed": sum(MAY_HELP <= hits[0].score < ANSWERS for _, hits in asked),
        "without_an_answer": len(strangers),
        "of_these_answered": sum(score >= ANSWERS for score in strangers),
        "of_these_pointed": sum(MAY_HELP <= score < ANSWERS for score in strangers),
    }


def _search_cost(pages: Finder) -> float:
    """The median of the processor's milliseconds for a search, whatever else runs on the machine."""
    taken = []
    for row in yaml.safe_load(QUESTIONS.read_text("utf-8"))["settings"]["answered"]:
        began = time.thread_time()
        pages.find(row["ask"])
        taken.append((time.thread_time() - began) * 1000)
    return round(statistics.median(taken), 2)


async def _costs(pages: Finder) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        redis = RedisServer(Path(folder), free_port(), uuid.uuid4().hex)
        redis.start()
        try:
            services = _services(pages, redis.url)
            executor = make_executor(services, Profiles())
            plain = _call("action_answer", "bot_challenge", "are you a robot or what")
            searched = _call("action_out_of_scope", "out_of_scope", "do you match other shops' prices")
            taken: dict[str, list[float]] = {"plain": [], "page": []}
            for _ in range(_ROUNDS):
                taken["plain"].append(await _milliseconds(executor, plain))
                taken["page"].append(await _milliseconds(executor, searched))
            services.shop.close()
            await services.profiles.close()
            await services.redis.aclose()
        finally:
            redis.stop()
    medians = {name: round(statistics.median(values), 2) for name, values in taken.items()}
    return {
        "plain_answer": medians["plain"],
        "answer_from_page": medians["page"],
        "ratio": round(medians["page"] / medians["plain"], 2),
        "answer_from_page_p95": round(statistics.quantiles(taken["page"], n=20)[-1], 2),
    }


def _services(pages: Finder, redis_url: str) -> Services:
    redis = connect_redis(redis_url)
    return Services(
        profiles=ProfilesClient(_NOWHERE, "key", redis_url),
        shop=Shop(_NOWHERE, "key"),
        redis=redis,
        variants=PublishedVariants(redis, load_set(DATA, DomainNames.of(DOMAIN))),
        knowledge=Knowledge(DATA),
        pages=pages,
    )


def _call(action: str, intent: str, text: str) -> dict[str, Any]:
    message = {"text": text, "intent": {"name": intent, "confidence": 0.9}, "entities": [], "metadata": {}}
    tracker = Tracker("bench", {}, message, [{"event": "user", "text": text}], False, None, {}, None)
    return {"next_action": action, "tracker": tracker.current_state(), "domain": {}}


async def _milliseconds(executor: ActionExecutor, call: dict[str, Any]) -> float:
    began = time.perf_counter()
    await executor.run(call)
    return (time.perf_counter() - began) * 1000
