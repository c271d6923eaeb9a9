"""The reports that `python -m nlu_models evaluate` has written, each a page that needs no other."""

import re
from pathlib import Path

from fastapi import HTTPException
from fastapi.responses import FileResponse

from web.console.access import TrainerSession
from web.console.training.desk import settings
from web.training.shapes import Refused


async def show(model_id: str, _session: TrainerSession) -> FileResponse:
    file = report_of(model_id)
    if file is None:
        raise HTTPException(404, "There is no report on this model.")
    return FileResponse(file, media_type="text/html")


def report_of(model_id: str) -> Path | None:
    """The report on a model, if there is one."""
    try:
        folder = settings().state / "reports"
    except Refused:
        return None
    file = folder / model_id / "report.html"
    return file if re.fullmatch(r"[0-9a-f]+", model_id) and file.is_file() else None
