"""Whatever the driver or the file system raises, at whatever call, ends in rows or in one line."""

import errno
import http.client
from contextlib import contextmanager, nullcontext
from pathlib import Path

import numpy as np
import pytest
import selenium.common.exceptions
import urllib3.exceptions

from fashiongen.boards import scraping, session
from fashiongen.boards import site as site_module
from fashiongen.boards.archive import Archive
from fashiongen.boards.browser import report_browser_faults
from fashiongen.boards.catalogue import Board, Catalogue
from fashiongen.boards.events import EntryFinished
from fashiongen.boards.local_site import LocalSite
from fashiongen.errors import BrowserError, FashiongenError, explain_refusal

LONG, SHORT = "/aurore/runway-ss26/", "/nord/runway-fw26/"
LIBRARIES = ("builtins", "http", "selenium", "urllib3")
CALLS = 45  # of the driver, about, until both boards are walked


def list_kinds(*roots):
    """All classes below some exceptions that can be raised without knowing their arguments."""
    found = {one for root in roots for one in (root, *list_below(root))}
    own = {kind for kind in found if kind.__module__.split(".")[0] in LIBRARIES}  # not those of what else is imported
    return sorted(own, key=lambda kind: (kind.__module__, kind.__name__))


def list_below(kind):
    return [one for child in kind.__subclasses__() for one in (child, *list_below(child))]


KINDS = list_kinds(
    selenium.common.exceptions.WebDriverException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    ConnectionError,
    UnicodeDecodeError,
)


WITH_ARGUMENTS = {
    UnicodeDecodeError: ("utf-8", b"\xff", 0, 1, "first line\nsecond line"),
    http.client.IncompleteRead: (b"part",),
    urllib3.exceptions.IncompleteRead: (1, 2),
    urllib3.exceptions.InvalidChunkLength: (urllib3.HTTPResponse(), b"z"),
}


def make(kind):
    """An error of a kind, with a message of two lines where it takes any."""
    if kind in WITH_ARGUMENTS:
        return kind(*WITH_ARGUMENTS[kind])
    error = kind.__new__(kind)
    if isinstance(error, selenium.common.exceptions.WebDriverException):
        selenium.common.exceptions.WebDriverException.__init__(error, "first line\nsecond line")
    error.args = ("first line\nsecond line",)
    return error


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_every_kind_of_error_becomes_one_line(kind):
    with pytest.raises(BrowserError) as failure, report_browser_faults():
        raise make(kind)
    assert str(failure.value).startswith("the browser failed: ")
    assert len(str(failure.value).splitlines()) == 1


@pytest.fixture
def fail_once(browser, monkeypatch):
    """Let the browser's call of some number raise an error; all commands of Selenium go through `execute`."""
    execute = browser.execute

    def arrange(number, error):
        left = iter(range(number, -1, -1))

        def execute_or_fail(*arguments, **options):
            if next(left, None) == 0:
                raise error
            return execute(*arguments, **options)

        monkeypatch.setattr(browser, "execute", execute_or_fail)

    return arrange


@pytest.fixture
def opened(browser, site, monkeypatch):
    """A scrape uses the tests' browser and site; what the browser raises is told as `open_browser` does."""

    @contextmanager
    def open_browser(**_):
        with report_browser_faults():
            yield browser

    local = LocalSite(site.url, site.image_host)
    monkeypatch.setattr(session, "open_browser", open_browser)
    monkeypatch.setattr(site_module, "serve_locally", lambda folder: nullcontext(local))


@pytest.fixture
def scrape(opened, boards_folder, params, tmp_path):
    """The rows of two boards, and the error that ended the run."""
    catalogue = Catalogue(site="standin", boards=tuple(Board(brand="A", season="", url=url) for url in (SHORT, LONG)))
    mine = params.model_copy(update={"boards": boards_folder.path})

    def run():
        rows = []
        try:
            for event in scraping.scrape_boards(catalogue, mine, archive=tmp_path, cookies=Path("no cookies")):
                rows += [event.record] if isinstance(event, EntryFinished) else []
        except FashiongenError as error:
            return rows, error
        return rows, None

    return run


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_a_call_that_fails_once_loses_no_pin(seed, browser, fail_once, scrape):
    random = np.random.default_rng(seed)
    kind = KINDS[random.integers(len(KINDS))]
    browser.delete_all_cookies()
    fail_once(int(random.integers(CALLS)), make(kind))
    rows, error = scrape()
    if error:  # while it signed in, before any board
        assert str(error).startswith("the browser ")
        assert not rows
    else:
        assert [(row.board, row.found, row.ending) for row in rows] == [(SHORT, 4, "end"), (LONG, 64, "end")]


@pytest.mark.browser
def test_a_disk_that_refuses_an_image_ends_the_run_in_one_line_and_the_next_run_has_all(scrape, monkeypatch):
    """With each further image it would fail again, for hours."""
    with monkeypatch.context() as patch:
        full = OSError(errno.ENOSPC, "No space left on device", "originals/0.jpg")
        patch.setattr(Archive, "store", lambda *_: throw(full))
        with pytest.raises(OSError, match="No space left") as failure:
            scrape()
        assert explain_refusal(failure.value).startswith("originals/0.jpg: no space is left on the disk")
    rows, _ = scrape()
    assert [(row.board, row.found, row.ending) for row in rows] == [(SHORT, 4, "end"), (LONG, 64, "end")]


def throw(error):
    raise error
