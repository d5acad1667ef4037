"""A small local test site, a browser signed in to it, and params that do not wait long."""

import colorsys
import hashlib
import io
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from PIL import Image
from pydantic import SecretStr

from fashiongen.boards.browser import open_browser
from fashiongen.boards.credentials import Credentials
from fashiongen.boards.login import sign_in
from fashiongen.boards.params import ScrapeParams
from fashiongen.sources.standin.database import ACCOUNT, SiteBoard, SitePin, SiteSection, image_path, write_site
from fashiongen.sources.standin.server import serve

LONG, SHORT, PARTS = "/aurore/runway-ss26/", "/nord/runway-fw26/", "/nord/parts/"
VIDEO, STORY_PIN, FORBIDDEN, PNG = 3, 5, 7, 11
MODULE_BEFORE = 20


def draw_jpeg(hue, size=(200, 300)):
    """A JPEG of one colour."""
    red, green, blue = (round(255 * part) for part in colorsys.hls_to_rgb(hue % 1, 0.6, 0.5))
    stream = io.BytesIO()
    Image.new("RGB", size, (red, green, blue)).save(stream, "JPEG")
    return stream.getvalue()


def make_pin(folder, number, **changes):
    """A pin of the site with its image on disk; its height, so its place in the grid, depends on its number."""
    content = draw_jpeg(number * 0.618, (200, 240 + 30 * (number % 7)))
    with Image.open(io.BytesIO(content)) as image:
        values = {
            "id": f"5770{number:05d}",
            "type": "pin",
            "kind": "image",
            "title": f"Look {number}",
            "description": "",
            "link": f"https://aurore.example/{number}",
            "signature": hashlib.md5(str(number).encode()).hexdigest(),
            "ext": "jpg",
            "width": image.width,
            "height": image.height,
            "original": "ok",
        }
        pin = SitePin(**values | changes)
        image_path(folder, pin).parent.mkdir(parents=True, exist_ok=True)
        image.save(image_path(folder, pin))
    return pin


def make_boards(folder):
    """A long board with every kind of item, and a short one that shares a picture with it."""
    changes = {VIDEO: {"kind": "video"}, STORY_PIN: {"kind": "story_pin"}}
    changes |= {FORBIDDEN: {"original": "forbidden"}, PNG: {"ext": "png"}}
    pins = [make_pin(folder, number, **changes.get(number, {})) for number in range(64)]  # three pages
    module = pins[0].model_copy(update={"id": "story-1", "type": "story", "title": "More products", "signature": None})
    long_feed = (*pins[:MODULE_BEFORE], module, *pins[MODULE_BEFORE:])
    repin = pins[0].model_copy(update={"id": "577099999"})
    short_feed = (*(make_pin(folder, number) for number in range(100, 103)), repin)
    ideas = tuple(make_pin(folder, number) for number in range(200, 210))
    sections = tuple(
        SiteSection(
            section_id=f"9{n}", title=f"Section {n}", feed=[make_pin(folder, 300 + 40 * n + i) for i in range(30)]
        )
        for n in range(2)
    )
    return [
        SiteBoard(board_id="1", url=LONG, name="SS26", pin_count=8945, feed=long_feed, more_ideas=ideas),
        SiteBoard(board_id="2", url=SHORT, name="FW26", pin_count=4, feed=short_feed, more_ideas=ideas),
        SiteBoard(
            board_id="3", url=PARTS, name="Parts", pin_count=64, feed=short_feed, more_ideas=(), sections=sections
        ),
    ]


@pytest.fixture(scope="session")
def boards_folder(tmp_path_factory):
    """What `scrape.boards` names: a catalogue and the site's database."""
    folder = tmp_path_factory.mktemp("boards")
    boards = make_boards(folder / "site")
    write_site(folder / "site", boards)
    entries = [
        {"brand": "Maison Aurore", "season": "SS26", "url": LONG},
        {"brand": "Nord", "season": "FW26", "url": SHORT},
    ]
    (folder / "catalogue.yaml").write_text(yaml.safe_dump({"site": "standin", "boards": entries}))
    return SimpleNamespace(path=folder, boards={board.url: board for board in boards})


@pytest.fixture(scope="session")
def site(boards_folder):
    """The site at work."""
    with serve(boards_folder.path / "site") as running:
        yield running


@pytest.fixture(scope="session")
def browser():
    """A browser that nobody has signed in with."""
    with open_browser(width_px=1100, height_px=800, page_timeout_s=60.0) as driver:
        yield driver


@pytest.fixture(scope="session")
def account():
    """The local test site's account as credentials."""
    return Credentials(ACCOUNT.email, SecretStr(ACCOUNT.password))


@pytest.fixture
def member(browser, site, account):
    """The same browser, a member's."""
    browser.delete_all_cookies()
    sign_in(browser, site.url, account=lambda: account, cookies=None, timeout_s=60.0)
    return browser


@pytest.fixture(scope="session")
def params():
    """Params that wait for a loaded machine, and no longer than it needs."""
    return ScrapeParams(
        boards=Path("boards"),
        on_incomplete="fail",
        story_images=True,
        max_steps=200,
        patience_steps=60,
        known_pins=30,
        step_viewports=0.8,
        settle_timeout_s=1.0,
        page_timeout_s=60,
        feed_interval_s=0,
        window_width_px=1100,
        window_height_px=800,
        max_downloads=4,
        requests_per_s=500,
        request_timeout_s=60.0,
        attempts=3,
        backoff_s=0,
        max_backoff_s=2,
        max_bytes=100_000,
        decode_timeout_s=30,
        max_megapixels=80,
        min_side_px=64,
    )


@pytest.fixture(scope="session", name="make_pin")
def make_pin_fixture():
    """`make_pin`, for the tests."""
    return make_pin


@pytest.fixture(scope="session", name="draw_jpeg")
def draw_jpeg_fixture():
    """`draw_jpeg`, for the tests."""
    return draw_jpeg
