"""Faults that the local test site plays on purpose: `disturbances.yaml` beside its `boards.json`.

    - {match: BoardFeedResource, skip: 2, times: 1, answer: {status: 429, headers: {Retry-After: "1"}}}
    - {match: /originals/, share: 0.1, seed: 7, cut_frac: 0.5}

A request meets the first entry that it matches and that is not used up.
"""

import asyncio
import json
import random
import re
import threading
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fashiongen.config import UnitInterval
from fashiongen.errors import BadInput
from fashiongen.files import read_text, shorten

FILE = "disturbances.yaml"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Answer(_Model):
    """What is sent in place of the site's own answer."""

    status: int = 200
    headers: dict[str, str] = {}
    body: str = ""


class Disturbance(_Model):
    """Which requests a fault meets, and what it does to their answers."""

    match: re.Pattern[str]  # is searched for in the address from the path on
    skip: Annotated[int, Field(ge=0)] = 0  # so many matching requests are answered as usual first
    times: Annotated[int, Field(ge=1)] | None = None  # then so many meet the fault; None: all that follow
    share: UnitInterval = 1.0  # of these
    seed: int = 0  # chooses that share

    answer: Answer | None = None
    stall_s: Annotated[float, Field(ge=0)] = 0.0  # before anything is sent
    drip_s: Annotated[float, Field(ge=0)] = 0.0  # between the bytes of the body
    cut_frac: UnitInterval | None = None  # so much of the body is sent, then the connection ends
    feed: Literal["empty", "repeat"] | None = None  # a page without pins; one whose bookmark asks for itself
    replace: dict[str, str] = {}  # texts of the body by others: what a selector looks for gets another name
    item: Any = None  # is put into a page of a feed as its second element


class Request(NamedTuple):
    """A request that the site has seen."""

    method: str
    path: str  # with the query
    cookies: str
    referer: str


class Disturbed:
    """An application whose answers are disturbed; it lists the requests."""

    def __init__(self, app: ASGIApp, disturbances: list[Disturbance]) -> None:
        self._app = app
        self._disturbances = disturbances
        self._met = [0] * len(disturbances)
        self._lock = threading.Lock()
        self.requests: list[Request] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"] + (f"?{scope['query_string'].decode()}" if scope["query_string"] else "")
        headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
        self.requests.append(Request(scope["method"], path, headers.get("cookie", ""), headers.get("referer", "")))
        fault = self._choose(path)
        if fault is None:
            await self._app(scope, receive, send)
        else:
            await self._disturb(fault, scope, receive, send)

    def _choose(self, path: str) -> Disturbance | None:
        with self._lock:
            for index, fault in enumerate(self._disturbances):
                if not fault.match.search(path):
                    continue
                self._met[index] += 1
                number = self._met[index] - fault.skip
                is_due = number > 0 and (fault.times is None or number <= fault.times)
                if is_due and random.Random(f"{fault.seed} {number}").random() < fault.share:
                    return fault
        return None

    async def _disturb(self, fault: Disturbance, scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(fault.stall_s)
        start, body = _answer(fault.answer) if fault.answer else await _collect(self._app, scope, receive)
        if fault.feed or fault.item is not None:
            body = _change_feed(body, fault, scope)
        for old, new in fault.replace.items():
            body = body.replace(old.encode(), new.encode())
        if fault.feed or fault.item is not None or fault.replace:
            start["headers"] = [pair for pair in start["headers"] if pair[0] != b"content-length"]
        await send(start)
        if fault.cut_frac is not None:
            await send(
                {"type": "http.response.body", "body": body[: int(len(body) * fault.cut_frac)], "more_body": True}
            )
            raise ConnectionAbortedError  # uvicorn closes the connection before the promised length
        pieces = [body[place : place + 1] for place in range(len(body))] if fault.drip_s else [body]
        for piece in pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            await asyncio.sleep(fault.drip_s)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _answer(answer: Answer) -> tuple[Message, bytes]:
    headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in answer.headers.items()]
    return {"type": "http.response.start", "status": answer.status, "headers": headers}, answer.body.encode()


async def _collect(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
    """The whole answer of an application."""
    start: Message = {}
    parts: list[bytes] = []

    async def keep(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            parts.append(message.get("body", b""))

    await app(scope, receive, keep)
    return start, b"".join(parts)


def _change_feed(body: bytes, fault: Disturbance, scope: Scope) -> bytes:
    answer = json.loads(body)
    response = answer["resource_response"]
    if fault.feed == "empty":
        response["data"] = []
    if fault.feed == "repeat":
        asked = re.search(r"bookmarks%22%3A\+?%5B%22([^%]+(?:%3D)*)", scope["query_string"].decode())
        response["bookmark"] = asked[1].replace("%3D", "=") if asked else response["bookmark"]
    if fault.item is not None:
        response["data"][1:1] = [fault.item]
    return json.dumps(answer).encode()


def read_disturbances(folder: Path) -> list[Disturbance]:
    """The disturbances of a site's folder; none where there is no such file.

    Raises:
        BadInput: the file holds something else; the message gives the place.
    """
    path = folder / FILE
    if not path.is_file():
        return []
    try:
        return TypeAdapter(list[Disturbance]).validate_python(yaml.safe_load(read_text(path)))
    except yaml.YAMLError as error:
        raise BadInput(f"{path}: not YAML: {shorten(error)}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise BadInput(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
