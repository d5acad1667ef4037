"""What `fashiongen doctor --site` says about pages of which something has another name than the table has."""

from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest
import yaml

from fashiongen.boards import site
from fashiongen.boards.catalogue import Board, Catalogue
from fashiongen.boards.local_site import LocalSite
from fashiongen.cli import site_probe
from fashiongen.errors import MissingInput
from fashiongen.sources.standin.disturbances import FILE
from fashiongen.sources.standin.server import serve

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BOARD = Board(brand="Maison Aurore", season="SS26", url="/aurore/runway-ss26/")
SEARCH = Board(brand="Nord", season="", search="look ss26", max_pins=50)
FEED_MISSING = [*site_probe.OF_PINS[1:], "FEED_RESOURCE"]
DRIFTS = {  # what is renamed on the site, and what is then not found
    "nothing": ([], []),
    "header": ([{"match": "^/aurore/", "replace": {"board-header": "top"}}], ["BOARD_HEADER"]),
    "cards": ([{"match": "cards.js", "replace": {"data-test-pin-id": "data-pin"}}], ["CARD"]),
    "answer": ([{"match": "BoardFeedResource", "replace": {"resource_response": "response"}}], FEED_MISSING),
    "member": ([{"match": "^/(login/)?$", "replace": {"HeaderContent": "Header"}}], ["SIGNED_IN"]),
    "login": ([{"match": "^/login/", "replace": {'id="email"': 'id="mail"'}}], ["EMAIL_FIELD"]),
}


@pytest.fixture
def look(boards_folder, browser, params, monkeypatch):
    """The probes of the site while some of its texts are others."""

    def run(faults=(), board=BOARD):
        path = boards_folder.path / "site" / FILE
        path.write_text(yaml.safe_dump(list(faults)))
        quick = params.model_copy(update={"boards": boards_folder.path, "page_timeout_s": 1.5})
        browser.delete_all_cookies()
        try:
            catalogue = Catalogue(site="standin", boards=(board,))
            return list(site_probe.probe_site(catalogue, quick, cookies=Path("no cookies")))
        finally:
            path.unlink()

    @contextmanager
    def serve_here(folder):
        with serve(folder) as running:
            yield LocalSite(running.url, running.image_host)

    monkeypatch.setattr(site, "serve_locally", serve_here)
    monkeypatch.setattr(site_probe, "open_browser", lambda **_: nullcontext(browser))
    return run


@pytest.mark.parametrize("name", DRIFTS)
def test_what_has_drifted_is_named_and_nothing_else(look, name):
    faults, missing = DRIFTS[name]
    found = look(faults)
    assert [one.name for one in found if one.is_needed and not one.is_found] == missing


def test_a_feed_of_another_name_is_missing_and_the_other_name_is_shown(look):
    found = look([{"match": "^/aurore/", "replace": {"BoardFeedResource": "BoardContentResource"}}])
    assert [one.name for one in found if one.is_needed and not one.is_found] == FEED_MISSING
    (feed,) = [one for one in found if one.name == "FEED_RESOURCE"]
    assert "the page asks for /resource/BoardContentResource/get/" in feed.detail


def test_a_search_has_no_header(look):
    found = look(board=SEARCH)
    assert all(one.is_found for one in found if one.is_needed)
    assert {"SEARCH_RESOURCE", "GRID", "CARD"} <= {one.name for one in found} - {"BOARD_HEADER"}


def test_a_catalogue_without_a_page_to_look_at_is_refused(look):
    with pytest.raises(MissingInput, match="lists no board or search to look at"):
        look(board=Board(brand="A", season="", member="aurore"))
