"""A small site: one long board with every kind of item, one short board."""

import colorsys
import hashlib

import httpx
import pytest
from PIL import Image

from fashiongen.sources.standin.database import ACCOUNT, SiteBoard, SitePin, image_path, write_site
from fashiongen.sources.standin.server import serve

LONG_BOARD = "/aurore/runway-ss26/"


def _make_pin(folder, number, *, kind="image", original="ok", ext="jpg"):
    """A pin whose image's colour and height depend on its number."""
    red, green, blue = (round(255 * part) for part in colorsys.hls_to_rgb(number * 0.618 % 1, 0.6, 0.5))
    image = Image.new("RGB", (800, 1000 + 40 * (number % 9)), (red, green, blue))
    pin = SitePin(
        id=f"5770{number:05d}",
        type="pin",
        kind=kind,
        title=f"Look {number}",
        description=f"A dress of the colour {number}",
        link=f"https://aurore.example/looks/{number}",
        signature=hashlib.md5(str(number).encode()).hexdigest(),
        ext=ext,
        width=image.width,
        height=image.height,
        original=original,
    )
    image_path(folder, pin).parent.mkdir(parents=True, exist_ok=True)
    image.save(image_path(folder, pin))
    return pin


def _make_module(number):
    """A feed module without an image."""
    return SitePin(
        id=f"story-{number}",
        type="story",
        kind="image",
        title="More products",
        description="",
        link="",
        signature=None,
        ext="jpg",
        width=0,
        height=0,
        original="ok",
    )


def _make_boards(folder):
    """The boards, and their images below `folder`."""
    pins = [_make_pin(folder, number) for number in range(118)]
    pins[3] = _make_pin(folder, 200, kind="video")
    pins[5] = _make_pin(folder, 201, kind="story_pin")
    pins[7] = _make_pin(folder, 202, original="forbidden")
    pins[8] = _make_pin(folder, 203, ext="png")
    pins.insert(30, _make_module(1))
    ideas = tuple(_make_pin(folder, number) for number in range(300, 308))
    aurore, nord = "Maison Aurore SS26", "Nord FW25"
    return [
        SiteBoard(board_id="9001", url=LONG_BOARD, name=aurore, pin_count=8945, feed=tuple(pins), more_ideas=ideas),
        SiteBoard(board_id="9002", url="/nord/fw25/", name=nord, pin_count=4, feed=tuple(pins[9:13]), more_ideas=ideas),
    ]


@pytest.fixture(scope="session")
def make_pin():
    """Makes a pin, and its image below a folder."""
    return _make_pin


@pytest.fixture(scope="session")
def make_module():
    """Makes a feed module without an image."""
    return _make_module


@pytest.fixture(scope="session")
def log_in():
    """Posts the login form."""
    return _log_in


@pytest.fixture(scope="session")
def boards(tmp_path_factory):
    """The boards of the small site, and the folder that holds their images."""
    folder = tmp_path_factory.mktemp("site")
    return folder, _make_boards(folder)


@pytest.fixture(scope="session")
def site_folder(boards):
    """The folder of the small site."""
    folder, made = boards
    write_site(folder, made)
    return folder


@pytest.fixture(scope="session")
def site(site_folder):
    """The small site at work."""
    with serve(site_folder) as running:
        yield running


@pytest.fixture
def visitor(site):
    """A client without a session."""
    with httpx.Client(base_url=site.url, trust_env=False) as client:
        yield client


def _log_in(client, *, email=ACCOUNT.email, password=ACCOUNT.password):
    """Post the login form as the page's script does."""
    client.get("/login/")
    data = f'{{"options": {{"username_or_email": "{email}", "password": "{password}"}}}}'
    return client.post(
        "/resource/UserSessionResource/create/",
        data={"source_url": "/login/", "data": data},
        headers={"X-CSRFToken": client.cookies["csrftoken"]},
    )


@pytest.fixture
def member(visitor):
    """A client that has logged in."""
    assert _log_in(visitor).status_code == 200
    return visitor
