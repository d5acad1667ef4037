"""The answers of the application, and what it refuses, without a browser."""

import base64
import io
import re
import sqlite3

import pytest
from PIL import Image

from fashiongen.studio.collection import Collection
from fashiongen.studio.latents import encode_latent
from tests.studio.conftest import Caller
from tests.studio.test_photographs import encode, photograph

HERE = "http://127.0.0.1:8420"


@pytest.fixture
def ask(app):
    """Posts a question; gives status and answer."""
    caller = Caller(app)

    def ask(name, question=None, **options):
        sent = {"json": question} if question is not None else options
        answer = caller("POST", f"/api/{name}", headers={"origin": HERE}, **sent)
        is_json = answer.headers["content-type"].startswith("application/json")
        return answer.status_code, answer.json() if is_json else answer

    return ask


@pytest.fixture
def get(app):
    return lambda path: Caller(app)("GET", path)


@pytest.fixture
def latents(generator):
    return [encode_latent(latent) for latent in generator.sample(0, 8, seed=7, truncation=0.8)]


def test_the_page_and_all_that_it_loads_are_the_studios_own(get):
    page = get("/")
    assert page.status_code == 200
    seen, waiting = set(), ["/static/main.js", "/static/studio.css", "/static/icon.svg"]
    assert all(path in page.text for path in waiting)
    while waiting:
        path = waiting.pop()
        seen.add(path)
        answer = get(path)
        assert answer.status_code == 200, path
        assert not re.search(r"(https?:)?//(?!www\.w3\.org)[\w.]+\.\w+/", re.sub(r"(?m)^\s*//.*$", "", answer.text)), (
            path
        )
        waiting += {f"/static/{name}" for name in re.findall(r'from "\./(\w+\.js)"', answer.text)} - seen
    assert len(seen) > 12


def test_a_wall_is_the_same_from_any_place(ask):
    asked = {"variant": "cutout", "seed": 3, "truncation": 0.8}
    status, whole = ask("wall", asked | {"start": 0, "count": 24})
    assert status == 200
    parts = [ask("wall", asked | {"start": start, "count": 8})[1]["garments"] for start in (0, 8, 16)]
    assert [garment for part in parts for garment in part] == whole["garments"]
    picture = Image.open(io.BytesIO(base64.b64decode(whole["garments"][0]["image"].partition(",")[2])))
    assert picture.size == (32, 64)


def test_sliders_move_garments_and_keep_given_names(ask, latents):
    _, sliders = ask("sliders", {"variant": "cutout"})
    assert len(sliders) == 8
    _, still = ask("shape", {"variant": "cutout", "latents": latents, "sliders": {"0": 0}})
    assert [garment["latent"] for garment in still["garments"]] == latents
    _, moved = ask("shape", {"variant": "cutout", "latents": latents, "sliders": {"0": 2}})
    assert all(one["image"] != other["image"] for one, other in zip(moved["garments"], still["garments"], strict=True))
    ask("slider-name", {"variant": "cutout", "number": 1, "name": "  Swing <b> "})
    assert ask("sliders", {"variant": "cutout"})[1][1]["name"] == "Swing <b>"
    assert ask("shape", {"variant": "cutout", "latents": latents, "sliders": {"99": 1}})[0] == 400


def test_kept_garments_are_known_wherever_they_are_drawn(ask, get, latents):
    wall = {"variant": "cutout", "seed": 7, "truncation": 0.8, "start": 0, "count": 8}
    before = ask("wall", wall)[1]["garments"]
    garment = {"variant": "cutout", "latent": before[2]["latent"], "edits": [{"text": "Number 3"}]}
    status, answer = ask("keep", {"garments": [garment], "client": "me"})
    (number,) = answer["ids"]
    assert status == 200
    after = ask("wall", wall)[1]["garments"]
    assert [one.get("id") for one in after] == [None, None, number, *[None] * 5]
    assert get(f"/kept/{number}.png").content == base64.b64decode(before[2]["image"].partition(",")[2])
    opened = get(f"/api/kept/{number}").json()
    assert (opened["redraw"], opened["edits"]) == ("same", [{"text": "Number 3"}])
    assert ask("undo", {"client": "me"})[1]["garments"][0]["kept"] is False
    assert "id" not in ask("wall", wall)[1]["garments"][2]
    assert get(f"/api/kept/{number}").status_code == 404


def test_mixing_and_steering_answer_with_garments(ask, latents):
    two = {"variant": "cutout", "latents": latents[:2], "weights": [1.0, 0.0]}
    assert ask("blend", two)[1]["garments"][0]["latent"] is not None
    assert ask("blend", two | {"weights": [0.0, 0.0]})[0] == 400
    way = ask("path", {"variant": "cutout", "first": latents[0], "last": latents[1], "steps": 9})[1]["garments"]
    assert len(way) == 9
    status, gif = ask("path.gif", {"variant": "cutout", "first": latents[0], "last": latents[1], "steps": 6})
    assert status == 200
    assert Image.open(io.BytesIO(gif.content)).n_frames > 6
    colour = {"variant": "cutout", "latent": latents[0], "colour": "#204080", "part": "all"}
    assert ask("recolour", colour)[1]["distance"] < 0.1
    assert "blue" in ask("recolour", colour)[1]["garments"][0]["words"]
    borrowed = ask("take-colours", {"variant": "cutout", "shape": latents[0], "colours": latents[1]})[1]
    assert borrowed["distance"] < 0.1
    assert len(ask("near", {"variant": "cutout", "latent": latents[0], "seed": 1, "count": 15})[1]["garments"]) == 15


def test_details_say_what_cannot_be_had(ask, latents):
    status, answer = ask("details", {"variant": "cutout", "latent": latents[0]})
    assert status == 200
    assert "dvc pull" in answer["nearest_fault"]
    assert answer["seen"][0]["label"] == "full"


def test_a_photograph_is_answered_with_a_garment(ask):
    status, answer = ask("photograph/cutout", content=encode(photograph()))
    assert status == 200
    assert {"seen", "picture", "target", "garments", "distance"} <= set(answer)
    status, answer = ask("photograph/cutout", content=b"no picture")
    assert status == 400
    assert "no picture" in answer["error"]


BAD = {
    "no JSON": ("wall", b"{"),
    "a list": ("wall", b"[]"),
    "an unknown key": ("wall", b'{"variant": "cutout", "seed": 1, "truncation": 1, "start": 0, "count": 8, "x": 1}'),
    "too many": ("wall", b'{"variant": "cutout", "seed": 1, "truncation": 1, "start": 0, "count": 6400}'),
    "a negative start": ("wall", b'{"variant": "cutout", "seed": 1, "truncation": 1, "start": -1, "count": 8}'),
    "NaN": ("wall", b'{"variant": "cutout", "seed": 1, "truncation": NaN, "start": 0, "count": 8}'),
    "no colour": ("recolour", b'{"variant": "cutout", "latent": "", "colour": "red", "part": "all"}'),
    "five in a mix": ("blend", b'{"variant": "cutout", "latents": ["", "", "", "", ""], "weights": [1, 1, 1, 1, 1]}'),
    "a path as a client": ("undo", b'{"client": "../x"}'),
    "a deep value": ("wall", b"[" * 5000),
}


@pytest.mark.parametrize(("name", "content"), BAD.values(), ids=BAD)
def test_bad_questions_are_refused_in_one_line(ask, name, content):
    status, answer = ask(name, content=content)
    assert status == 422
    assert answer["error"]
    assert "\n" not in answer["error"]


@pytest.mark.parametrize("variant", ["absent", "../cutout", "<script>"])
def test_unknown_variants_are_refused(ask, variant):
    status, answer = ask("wall", {"variant": variant, "seed": 1, "truncation": 1, "start": 0, "count": 8})
    assert status == 404
    assert "there are" in answer["error"]


@pytest.mark.parametrize(
    "path", ["/absent", "/static/../app.py", "/static/%2e%2e/app.py", "/kept/../x.png", "/api/wall"]
)
def test_paths_that_lead_elsewhere_are_not_found(get, path):
    answer = get(path)
    assert answer.status_code in (404, 405)
    assert answer.json()["error"]


def test_a_change_without_the_pages_origin_is_refused(app):
    assert Caller(app)("POST", "/api/undo", json={"client": "me"}).status_code == 403


FAULTS = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_BUSY: "another studio",
    sqlite3.SQLITE_READONLY: "written to",
}


@pytest.mark.parametrize(("code", "expected"), FAULTS.items())
def test_what_the_disk_refuses_is_one_line(ask, latents, monkeypatch, code, expected):
    def fail(*_, **__):
        error = sqlite3.OperationalError("database says no")
        error.sqlite_errorcode = code
        raise error

    monkeypatch.setattr(Collection, "add", fail)
    garment = {"variant": "cutout", "latent": latents[0], "edits": []}
    status, answer = ask("keep", {"garments": [garment], "client": "me"})
    assert status == 507
    assert expected in answer["error"]
