"""The common form of requests to and answers of all `/resource/…` addresses."""

import json
from typing import Any
from urllib.parse import parse_qs

from starlette.responses import JSONResponse


def form_options(body: bytes) -> dict[str, Any]:
    """The options in a query or a form of the shape `source_url=…&data={"options": {…}}`.

    Raises:
        ValueError: there are none.
    """
    fields = parse_qs(body.decode())
    value = json.loads(fields.get("data", [""])[0])
    options = value.get("options") if isinstance(value, dict) else None
    if not isinstance(options, dict):
        raise ValueError("data holds no options")
    return options


def success(name: str, data: Any, *, bookmark: str | None) -> JSONResponse:
    """The answer of a resource."""
    answer = {"status": "success", "code": 0, "message": "ok", "data": data, "bookmark": bookmark}
    options = {} if bookmark is None else {"bookmarks": [bookmark]}
    return JSONResponse({"resource_response": answer, "resource": {"name": name, "options": options}})


def failure(status: int, message: str, *, api_error_code: int = 0) -> JSONResponse:
    """The answer of a resource that failed, with the reason."""
    answer = {"status": "failure", "code": api_error_code, "http_status": status, "message": message, "data": None}
    return JSONResponse({"resource_response": answer}, status_code=status)
