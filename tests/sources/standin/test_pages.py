"""The pages' frames carry what scrapers look for."""

import re

import httpx
import pytest

from fashiongen.sources.standin.server import serve

LONG_BOARD = "/aurore/runway-ss26/"


def test_a_board_says_its_name_and_its_localised_count(member):
    page = member.get(LONG_BOARD).text
    assert re.search(r'<h1 id="board-name">Maison Aurore SS26</h1>', page)
    assert re.search(r'data-test-id="pin-count"[^>]*>8,945 Pins<', page)
    for test_id in ("board-header", "base-board-pin-grid", "secondaryBoardGrid"):
        assert f'data-test-id="{test_id}"' in page


def test_an_anonymous_visitor_is_told_to_log_in_instead_of_shown_ideas(visitor):
    page = visitor.get(LONG_BOARD).text
    assert 'data-test-id="signup-wall"' in page
    assert "moreIdeasOnBoard" not in page


@pytest.mark.parametrize("path", ["/aurore/no-such-board/", "/pin/1/", "/pin/story-1/"])
def test_an_unknown_page_redirects_home_with_an_error(visitor, path):
    assert visitor.get(path).headers["location"] == "/?show_error=true"
    assert 'data-test-id="error-toast"' in visitor.get("/?show_error=true").text


def test_a_pin_has_a_page(visitor):
    assert "<h1>Look 12</h1>" in visitor.get("/pin/577000012/").text


def test_the_login_form_has_its_fields(visitor):
    page = visitor.get("/login/").text
    assert re.search(r'<input id="email" name="id"', page)
    assert re.search(r'<input id="password" name="password" type="password"', page)
    assert re.search(r'<button type="submit"', page)


def test_class_names_change_from_one_start_to_the_next(site_folder):
    pages = []
    for _ in range(2):
        with serve(site_folder) as site:
            pages.append(httpx.get(site.url + LONG_BOARD, trust_env=False).text)
    first, second = (set(re.findall(r'class="(x\w+)', page)) for page in pages)
    assert first
    assert not first & second


def test_the_style_sheet_knows_the_pages_class_names(visitor):
    names = set(re.findall(r'class="(x\w{5})"', visitor.get("/login/").text))
    style = visitor.get("/site.css").text
    assert names
    assert all(f".{name}" in style for name in names)
