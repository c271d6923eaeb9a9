"""The trained models: which there are, which serves, and how a candidate compares with it."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from web.training import markup
from web.training.audit import Audit
from web.training.commands import Commands
from web.training.decisions import Decisions
from web.training.messages import OUT_OF_SCOPE, Messages
from web.training.shapes import (
    AuditEntry,
    ChangedPrediction,
    Comparison,
    Metric,
    Model,
    Models,
    Promotion,
    Refused,
    Review,
)

#: How many recent messages, and how many decisions, both models read when they are compared.
COMPARED_MESSAGES, COMPARED_DECISIONS = 400, 200
PROMOTED, ROLLED_BACK = "promoted", "rolled back"

#: How many of the changed ones are shown.
SHOWN_CHANGES = 100


@dataclass(frozen=True)
class _Figure:
    """A figure of a model's card, in words; `more_is_better` is null for one that says nothing of quality."""

    name: str
    title: str
    more_is_better: bool | None
    written: Callable[[float], str]


def _percent(value: float) -> str:
    return f"{value:.1%}"


FIGURES = (
    _Figure("intent_accuracy", "Intents recognised", True, _percent),
    _Figure("intent_macro_f1", "Intents, all counted alike (F1)", True, _percent),
    _Figure("sentiment_macro_f1", "Moods, all counted alike (F1)", True, _percent),
    _Figure("out_of_scope_recall", "Out of scope and refused", True, _percent),
    _Figure("calibration_error", "Error of its confidence", False, "{:.3f}".format),
    _Figure("rows", "Utterances and messages", None, "{:,.0f}".format),
    _Figure("training_seconds", "Seconds of training", None, "{:,.0f}".format),
    _Figure("megabytes", "Megabytes", None, "{:,.0f}".format),
)


@dataclass(frozen=True)
class _Understood:
    intent: str
    confidence: float


class Trained:
    """The models of an installation, by the commands of the models' room."""

    def __init__(self, commands: Commands, messages: Messages, decisions: Decisions, audit: Audit) -> None:
        self._commands = commands
        self._messages = messages
        self._decisions = decisions
        self._audit = audit

    async def all(self) -> Models:
        """All models, the newest first, and all changes of the one that serves.

        Raises:
            Refused: the registry can't be read.
        """
        content = (await self._commands.checked("list", "--json")).json()
        models = tuple(
            Model(
                model["model_id"],
                model["made_at"],
                model["promoted"],
                {figure.name: model.get(figure.name) for figure in FIGURES},
            )
            for model in content["models"]
        )
        who = _who(await self._audit.newest(limit=1_000))
        history = [
            Promotion(
                change["model_id"], change["at"], change["by"], who.get((change["model_id"], change["at"]))
            )
            for change in reversed(content["history"])
        ]
        return Models(content["promoted"], models, tuple(history))

    async def compare(self, candidate: str) -> Comparison:
        """A model beside the one that serves: their cards, and what they make of recent messages and decisions.

        Messages are masked, with made-up values in the place of personal ones.

        Raises:
            Refused: nothing serves, there is no such model, or one of them can't be used.
        """
        models = await self.all()
        by_id = {model.model_id: model for model in models.models}
        if models.live is None or models.live not in by_id:
            raise Refused("no model serves yet: promote one first")
        if candidate not in by_id:
            raise Refused(f"there is no model {candidate}")
        recent = await self._messages.recent(worth_review=False, limit=COMPARED_MESSAGES)
        texts = list(dict.fromkeys(markup.plain(message.hidden.draft) for message in recent.messages))
        taught = _taught(await self._decisions.newest(COMPARED_DECISIONS))
        asked = list(dict.fromkeys([*texts, *taught]))
        of_live, of_candidate = await asyncio.gather(
            self._understood(models.live, asked), self._understood(candidate, asked)
        )
        changed = [text for text in asked if of_live[text].intent != of_candidate[text].intent]
        kinds = Counter((of_live[text].intent, of_candidate[text].intent) for text in changed)
        changed.sort(key=lambda text: -kinds[(of_live[text].intent, of_candidate[text].intent)])
        return Comparison(
            live=models.live,
            candidate=candidate,
            metrics=tuple(_metric(figure, by_id[models.live], by_id[candidate]) for figure in FIGURES),
            messages=len(texts),
            changed=tuple(
                ChangedPrediction(
                    text,
                    of_live[text].intent,
                    of_live[text].confidence,
                    of_candidate[text].intent,
                    of_candidate[text].confidence,
                    taught.get(text),
                )
                for text in changed[:SHOWN_CHANGES]
            ),
            kinds=tuple((live, new, count) for (live, new), count in kinds.most_common()),
            decided=len(taught),
            decided_live=sum(of_live[text].intent == intent for text, intent in taught.items()),
            decided_candidate=sum(of_candidate[text].intent == intent for text, intent in taught.items()),
        )

    async def promote(self, model_id: str, by: str) -> str:
        """Let a model serve; what the command says of it.

        Raises:
            Refused: it is not usable, and the one before stays.
        """
        return await self._change(PROMOTED, by, "promote", model_id)

    async def rollback(self, by: str) -> str:
        """Let the model before serve again; what the command says of it.

        Raises:
            Refused: there is none, or it is not usable any more.
        """
        return await self._change(ROLLED_BACK, by, "rollback")

    async def _change(self, what: str, by: str, *words: str) -> str:
        began = datetime.now(UTC).replace(microsecond=0)
        said = (await self._commands.checked(*words)).text.strip()
        newest = (await self.all()).history[0]
        if datetime.fromisoformat(newest.at) >= began:  # otherwise it served already
            await self._audit.add(by, what, model_id=newest.model_id, at=newest.at)
        return said.removeprefix("encoder: ")

    async def _understood(self, model_id: str, texts: Sequence[str]) -> dict[str, _Understood]:
        """What a model makes of texts, as the bot would act on it."""
        if not texts:
            return {}
        given = "".join(f"{text}\n" for text in texts)
        output = await self._commands.checked("predict", "--model", model_id, "--input", "-", given=given)
        answers = [json.loads(line) for line in output.text.split("\n")[:-1]]
        return {text: _acted_on(answer) for text, answer in zip(texts, answers, strict=True)}


def _acted_on(answer: dict[str, Any]) -> _Understood:
    intent = answer["intent"] if answer["in_scope"] else OUT_OF_SCOPE
    return _Understood(intent, float(answer["confidence"]))


def _taught(reviews: Sequence[Review]) -> dict[str, str]:
    """Utterances that trainers decided, with their intent; the newest decision counts."""
    taught: dict[str, str] = {}
    for review in reviews:
        for utterance in review.utterances:
            taught.setdefault(markup.plain(utterance), review.intent or "")
    return taught


def _metric(figure: _Figure, live: Model, candidate: Model) -> Metric:
    before, after = live.figures[figure.name], candidate.figures[figure.name]
    better: Literal["live", "candidate"] | None = None
    if before is not None and after is not None and before != after and figure.more_is_better is not None:
        better = "candidate" if (after > before) == figure.more_is_better else "live"

    def shown(value: float | None) -> str:
        return "–" if value is None else figure.written(value)

    return Metric(figure.name, figure.title, before, after, shown(before), shown(after), better)


def _who(acts: Sequence[AuditEntry]) -> dict[tuple[object, object], str]:
    """Who made each change of the serving model, by model and time."""
    return {
        (act.details.get("model_id"), act.details.get("at")): act.who
        for act in acts
        if act.what in {PROMOTED, ROLLED_BACK}
    }
