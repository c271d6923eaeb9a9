"""The pages of trainers: review what was misread, edit data and replies, train, compare, publish."""

from pathlib import Path

from fastapi.responses import RedirectResponse
from nicegui import app, ui

from web.console.access import TrainerSession
from web.console.training import (
    comparison,
    data,
    desk,
    file,
    models,
    replies,
    reply,
    report,
    review,
    utterances,
)

_STATIC = Path(__file__).parent / "static"
#: A page waits this long for its first content, in seconds; what takes longer is shown later.
_SECONDS = 20.0


def register() -> None:
    """Called once, when the console starts."""
    app.add_static_files(desk.STATIC, _STATIC)
    app.on_shutdown(desk.close)
    app.get("/training/reports/{model_id}")(report.show)
    for path, page in (
        ("/training", _start),
        ("/training/review", review.show),
        ("/training/data", data.show),
        ("/training/data/intents/{label}", utterances.of_intent),
        ("/training/data/moods/{label}", utterances.of_mood),
        ("/training/data/file", file.show),
        ("/training/replies", replies.show),
        ("/training/replies/{name}", reply.show),
        ("/training/models", models.show),
        ("/training/models/{model_id}", comparison.show),
    ):
        ui.page(path, response_timeout=_SECONDS)(page)


async def _start(_session: TrainerSession) -> RedirectResponse:
    return RedirectResponse(desk.PLACES[0].path, 303)
