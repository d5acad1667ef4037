"""The studio as a web application: its page, the answers of the networks, and the collection."""

import sqlite3
from collections.abc import Callable, Iterator
from importlib.resources import files
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from fashiongen.errors import FashiongenError, MissingInput, explain_refusal
from fashiongen.images.oklab import parse_colour
from fashiongen.studio import questions as ask
from fashiongen.studio.collection import Collection
from fashiongen.studio.drawing import Answer, Drawing, data_uri
from fashiongen.studio.guard import BodyTooLarge, Guard
from fashiongen.studio.kept_garments import File, KeptGarments
from fashiongen.studio.records import Question

Asked = TypeVar("Asked", bound=BaseModel)
FOR_EVER = {"cache-control": "private, max-age=31536000, immutable"}  # of addresses that hold a hash
FRESH = {"cache-control": "no-store"}


def build_app(drawing: Drawing, kept_garments: KeptGarments, collection: Collection, *, host: str) -> ASGIApp:
    """The application of a studio that is served on the address `host`."""
    answers = CollectionAnswers(drawing, kept_garments, collection)
    static = Mount("/static", StaticFiles(packages=[(__package__ or "", "static")]))
    routes = [*_drawing_routes(drawing, answers), *_collection_routes(kept_garments, collection, answers)]
    app = Starlette(routes=[Route("/", _page), *routes, static], exception_handlers={HTTPException: _explain_http})
    return Guard(app, host=host)


def _drawing_routes(drawing: Drawing, answers: "CollectionAnswers") -> Iterator[Route]:
    """What the networks answer."""
    drawn: list[tuple[str, type[ask.OfVariant], Callable[[Any], Answer]]] = [
        ("wall", ask.Wall, drawing.wall),
        ("shape", ask.Shape, drawing.shape),
        ("near", ask.Near, drawing.near),
        ("alike", ask.Alike, drawing.alike),
        ("blend", ask.Blend, drawing.blend),
        ("path", ask.Path, drawing.path),
        ("recolour", ask.Recolour, drawing.recolour),
        ("take-colours", ask.TakeColours, drawing.take_colours),
    ]
    for name, asked, answer in drawn:
        yield _post(name, asked, answers.recognise(answer))
    yield _post("path.gif", ask.Path, lambda question: File("way.gif", "image/gif", drawing.path_gif(question)))
    yield _post("details", ask.Details, drawing.details)
    yield _post("sliders", ask.OfVariant, answers.sliders)
    yield _post("slider-name", ask.SliderName, answers.name_slider)
    yield _upload(
        "/api/photograph/{variant}",
        lambda request, content: drawing.photograph(request.path_params["variant"], content),
    )


def _collection_routes(
    kept_garments: KeptGarments, collection: Collection, answers: "CollectionAnswers"
) -> Iterator[Route]:
    """What is kept, changed and taken away."""
    yield _get("/api/start", lambda _: answers.start())
    yield _post("keep", ask.Keep, lambda question: {"ids": kept_garments.keep(question)})
    yield _post("find", Question, answers.find)
    yield _get("/api/kept/{number:int}", lambda request: answers.open(request.path_params["number"]))
    yield _get(
        "/kept/{number:int}.png",
        lambda request: Response(
            collection.get_png(request.path_params["number"]), media_type="image/png", headers=FOR_EVER
        ),
    )
    yield _post("mark", ask.Mark, answers.mark)
    yield _post("undo", ask.Undo, lambda question: collection.undo(question.client)._asdict())
    yield _post("redo", ask.Undo, lambda question: collection.redo(question.client)._asdict())
    yield _get("/api/history", lambda _: [change.model_dump() for change in collection.list_changes()])
    yield _post("take", ask.Take, kept_garments.take)
    yield _get("/api/export", lambda _: File("studio.json", "application/json", kept_garments.export()))
    yield _upload(
        "/api/import/{client}",
        lambda request, content: {"count": kept_garments.read(content, client=request.path_params["client"])},
    )


class CollectionAnswers:
    """Answers that need both the collection and the networks."""

    def __init__(self, drawing: Drawing, kept_garments: KeptGarments, collection: Collection) -> None:
        self._drawing, self._kept_garments, self._collection = drawing, kept_garments, collection

    def recognise(self, answer: Callable[[Any], Answer]) -> Callable[[Any], Answer]:
        """The same answers, in which garments that are kept have their id and say whether they are starred."""

        def recognising(question: Any) -> Answer:
            whole = answer(question)
            weights = self._drawing.generators[question.variant].weights_sha256
            known = self._collection.known(weights, [garment["latent"] for garment in whole["garments"]])
            for garment in whole["garments"]:
                if garment["latent"] in known:
                    garment["id"], garment["starred"] = known[garment["latent"]]
            return whole

        return recognising

    def start(self) -> Any:
        """What the page shows first."""
        total, _ = self._collection.find(Question(count=1))
        return {"variants": self._drawing.variants(), "kept": total, "boards": self._collection.list_boards()}

    def find(self, question: Question) -> Any:
        """Kept garments, without their pictures."""
        near = None if question.colour is None else tuple(parse_colour(question.colour).tolist())
        total, garments = self._collection.find(question, near)
        return {"total": total, "garments": [garment.model_dump() for garment in garments]}

    def open(self, number: int) -> Any:
        """A kept garment, and whether it can be drawn again."""
        garment = self._collection.get(number)
        verdict, _ = self._kept_garments.redraw(garment)
        return garment.model_dump() | {"redraw": verdict, "image": data_uri(self._collection.get_png(number))}

    def mark(self, question: ask.Mark) -> Any:
        """Set marks on kept garments."""
        self._collection.mark(
            question.ids, question.marks, client=question.client, text=question.text, add_boards=question.add_boards
        )
        return {"boards": self._collection.list_boards()}

    def sliders(self, question: ask.OfVariant) -> Any:
        """The sliders of a variant, with the names that were given to them."""
        weights = self._drawing.generators[question.variant].weights_sha256
        names = self._collection.slider_names(weights)
        return [
            {"number": number, "less": slider.less, "more": slider.more, "name": names.get((weights, number), "")}
            for number, slider in enumerate(self._drawing.sliders(question.variant))
        ]

    def name_slider(self, question: ask.SliderName) -> Any:
        """Name a slider."""
        weights = self._drawing.generators[question.variant].weights_sha256
        self._collection.name_slider(weights, question.number, question.name.strip())
        return {}


async def _page(_: Request) -> Response:
    page = files(__package__).joinpath("static/index.html").read_bytes()
    return Response(page, media_type="text/html", headers=FRESH)


def _post(name: str, question_type: type[Asked], answer: Callable[[Asked], Any]) -> Route:
    """A route that reads a question as JSON and gives its answer."""

    async def endpoint(request: Request) -> Response:
        try:
            question = question_type.model_validate_json(await request.body())
        except ValidationError as error:
            fault = error.errors()[0]
            where = ".".join(map(str, fault["loc"])) or "the request"
            return _refuse(422, f"{where}: {fault['msg']}")
        except BodyTooLarge:
            return _refuse(413, "too large")
        return await _answer(lambda: answer(question))

    return Route(f"/api/{name}", endpoint, methods=["POST"])


def _get(path: str, answer: Callable[[Request], Any]) -> Route:
    async def endpoint(request: Request) -> Response:
        return await _answer(lambda: answer(request))

    return Route(path, endpoint)


def _upload(path: str, answer: Callable[[Request, bytes], Any]) -> Route:
    """A route that takes a file as its body."""

    async def endpoint(request: Request) -> Response:
        try:
            content = await request.body()
        except BodyTooLarge:
            return _refuse(413, "this file is too large for the studio")
        return await _answer(lambda: answer(request, content))

    return Route(path, endpoint, methods=["POST"])


async def _answer(compute: Callable[[], Any]) -> Response:
    """The value of a function as a response; what was refused, as one line in `error`."""
    try:
        value = await run_in_threadpool(compute)
    except FashiongenError as error:
        return _refuse(404 if isinstance(error, MissingInput) else 400, str(error))
    except (sqlite3.OperationalError, OSError, MemoryError, RuntimeError) as error:
        explained = _explain_database(error) if isinstance(error, sqlite3.OperationalError) else explain_refusal(error)
        if explained is None:
            raise
        return _refuse(507, explained)
    if isinstance(value, Response):
        return value
    if isinstance(value, File):
        disposition = f'attachment; filename="{value.name}"'
        return Response(value.content, media_type=value.media_type, headers={"content-disposition": disposition})
    return JSONResponse(value, headers=FRESH)


def _explain_database(error: sqlite3.OperationalError) -> str:
    match getattr(error, "sqlite_errorcode", None):
        case sqlite3.SQLITE_FULL:
            return "the disk is full: nothing was kept; free some space, then try again"
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return "another studio writes to the collection; try again"
        case sqlite3.SQLITE_READONLY:
            return "the collection cannot be written to: nothing was kept; see who may write to its folder"
        case _:
            return f"the collection cannot be used: {error}"


def _refuse(status: int, text: str) -> Response:
    return JSONResponse({"error": text}, status, headers=FRESH)


async def _explain_http(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return _refuse(status, error.detail if isinstance(error, HTTPException) else "an error")
