"""Answers with a tag, so that who has the present content is not sent it again."""

import hashlib

from fastapi import Response
from pydantic import BaseModel


def tagged(content: BaseModel, version: int, if_none_match: str | None) -> Response:
    """The content as JSON with its tag, or 304 when `if_none_match` names the tag.

    The tag is the version and a digest: `days_since_…` and an expiring consent change the content without a
    new version.
    """
    body = content.model_dump_json().encode()
    tag = f'"{version}-{hashlib.sha256(body).hexdigest()[:12]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if if_none_match is not None and tag in {part.strip() for part in if_none_match.split(",")}:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)
