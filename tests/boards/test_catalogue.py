import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from fashiongen.boards.catalogue import PINTEREST, read_catalogue, require_photographs
from fashiongen.errors import ConfigError, MissingInput

ENTRY = {"brand": "Maison Aurore", "season": "SS26", "url": "/aurore/runway-ss26/"}


def read(tmp_path, *boards, site="standin"):
    (tmp_path / "catalogue.yaml").write_text(yaml.safe_dump({"site": site, "boards": list(boards)}))
    return read_catalogue(tmp_path)


def test_the_boards_keep_their_order(tmp_path):
    other = ENTRY | {"brand": "Nord & Fils", "url": "/nord/fw26/"}
    assert [board.folder for board in read(tmp_path, other, ENTRY).boards] == ["nord-fils", "maison-aurore"]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"url": "/aurore/../runway/"}, "boards.0.url"),
        ({"brand": " "}, "boards.0.brand"),
        ({"brnd": "x"}, "boards.0.brnd"),
        ({"season": None}, "boards.0.season"),
        ({"path": "x"}, "boards.0.path"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path, change, place):
    with pytest.raises(ConfigError, match=rf"catalogue\.yaml: catalogue\.{place}"):
        read(tmp_path, ENTRY | change)


@pytest.mark.parametrize(
    "pasted",
    [
        "/aurore/runway-ss26/",
        "/aurore/runway-ss26",
        "aurore/runway-ss26",
        " https://www.pinterest.com/aurore/runway-ss26/ ",
        "http://pinterest.com/aurore/runway-ss26",
        "pinterest.com/aurore/runway-ss26/",
        "https://www.pinterest.co.uk/aurore/runway-ss26/?invite_code=7#top",
        "https://de.pinterest.com/aurore/runway-ss26/",
        "https://www.pinterest.jp//aurore/runway-ss26//",
    ],
)
def test_the_address_of_a_board_is_taken_as_people_paste_it(tmp_path, pasted):
    assert read(tmp_path, ENTRY | {"url": pasted}).boards[0].url == "/aurore/runway-ss26/"


@pytest.mark.parametrize(
    ("url", "remedy"),
    [
        ("https://pin.it/x", "a short address: open it, and copy the board's own"),
        ("https://example.com/a/b/", "is no address of Pinterest"),
        ("https://pinterest.com.evil.test/a/b/", "is no address of Pinterest"),
        ("https://www.pinterest.com/pin/5770/", "is no board: write the address of a board, such as"),
        ("https://www.pinterest.com/aurore/", "for all boards of a member write `member: aurore` in place of `url`"),
        ("https://www.pinterest.com/", "is no board"),
        ("https://www.pinterest.com/search/pins/?q=prada", "write `search: its words` in place of `url`"),
        ("/aurore/runway-ss26/look-1/", "is a section: write its board, /aurore/runway-ss26/"),
        ("/aurore/two words/", "is no board"),
        ("", "is no board"),
    ],
)
def test_an_address_of_something_else_is_refused_with_the_remedy(tmp_path, url, remedy):
    with pytest.raises(ConfigError, match=rf"catalogue\.boards\.0\.url: .*{re.escape(remedy)}"):
        read(tmp_path, ENTRY | {"url": url})


SEARCH = {"brand": "Prada", "season": "runway", "search": "Prada runway", "max_pins": 300}


def test_a_search_stands_in_place_of_a_board(tmp_path):
    (board,) = read(tmp_path, SEARCH).boards
    assert (board.name, board.path) == ("search: Prada runway", "/search/pins/?q=Prada+runway&rs=typed")
    assert read(tmp_path, SEARCH | {"search": "a&b=ü"}).boards[0].path == "/search/pins/?q=a%26b%3D%C3%BC&rs=typed"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"url": "/a/b/"}, "needs one of url, the address of a board; member, .* and search, the words"),
        ({"member": "aurore"}, "needs one of url"),
        ({"search": None}, "needs one of url"),
        ({"max_pins": None}, "search needs max_pins, such as 300"),
        ({"max_pins": 0}, "max_pins"),
        ({"search": " "}, "search"),
    ],
)
def test_a_search_that_cannot_be_walked_says_why(tmp_path, change, reason):
    with pytest.raises(ConfigError, match=reason):
        read(tmp_path, SEARCH | change)


MEMBER = {"brand": "Maison Aurore", "season": "SS26"}


@pytest.mark.parametrize(
    "name",
    [
        "aurore",
        "@aurore",
        " aurore ",
        "/aurore/",
        "https://www.pinterest.com/aurore/?x=1",
        "https://pinterest.de/aurore",
    ],
)
def test_a_member_stands_in_place_of_boards(tmp_path, name):
    (entry,) = read(tmp_path, MEMBER | {"member": name}).boards
    assert (entry.name, entry.path) == ("member: aurore", "/aurore/")
    board = entry.at("/aurore/runway-ss26/")
    assert (board.name, board.path, board.brand, board.season) == (
        *["/aurore/runway-ss26/"] * 2,
        "Maison Aurore",
        "SS26",
    )


@pytest.mark.parametrize(
    "name", ["", "two words", "a/b", "/aurore/board/", "https://example.com/aurore/", "pin", "search"]
)
def test_what_names_no_member_is_refused_with_the_remedy(tmp_path, name):
    with pytest.raises(ConfigError, match=r"boards\.0\.member: .*is no member: write the name, such as aurore"):
        read(tmp_path, MEMBER | {"member": name})


def test_a_season_may_be_a_number(tmp_path):
    assert read(tmp_path, ENTRY | {"season": 2026}).boards[0].season == "2026"
    assert read(tmp_path, ENTRY | {"season": date(2026, 3, 1)}).boards[0].season == "2026-03-01"


def test_a_board_is_listed_once(tmp_path):
    with pytest.raises(ConfigError, match="listed twice: /aurore/runway-ss26/"):
        read(tmp_path, ENTRY, ENTRY | {"season": "FW26"})


def test_two_brands_never_share_a_folder(tmp_path):
    other = {"brand": "maison aurore!", "season": "SS26", "url": "/x/y/"}
    with pytest.raises(ConfigError, match="share the folder maison-aurore"):
        read(tmp_path, ENTRY, other)


def test_a_brand_must_give_a_folder_name(tmp_path):
    with pytest.raises(ConfigError, match="no letter or digit"):
        read(tmp_path, ENTRY | {"brand": "!!!"})


def test_the_site_is_one_of_two(tmp_path):
    with pytest.raises(ConfigError, match=r"catalogue\.site"):
        read(tmp_path, ENTRY, site="http://www.pinterest.com")


def test_a_missing_catalogue_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"catalogue\.yaml: no such file"):
        read_catalogue(tmp_path)


def test_the_study_has_twenty_brands():
    catalogue = read_catalogue(Path(__file__).parents[2] / "profiles/boards/luxury20")
    brands = [board.brand for board in catalogue.boards]
    assert catalogue.site == PINTEREST
    assert all(board.search == f"{board.brand} runway" for board in catalogue.boards)
    assert (len(set(brands)), brands[0], brands[-1]) == (20, "Balenciaga", "Yves Saint Laurent")


OWN = {"brand": "Nord", "season": "FW26", "path": "nord_fw26"}


def read_own(folder, *entries, **others):
    (folder / "catalogue.yaml").write_text(yaml.safe_dump({"photographs": list(entries)} | others))
    return read_catalogue(folder)


def test_photographs_need_no_site_and_may_stand_beside_boards(tmp_path):
    assert read_own(tmp_path, OWN).site is None
    both = read_own(tmp_path, OWN, site="standin", boards=[ENTRY])
    assert (both.boards[0].folder, both.photographs[0].folder) == ("maison-aurore", "nord")


@pytest.mark.parametrize(
    ("others", "reason"),
    [
        ({"photographs": []}, "lists neither boards nor photographs"),
        ({"site": "standin"}, "a site needs boards"),
        ({"boards": [ENTRY]}, "boards need a site"),
        ({"photographs": [OWN, OWN]}, "listed twice: nord_fw26"),
        ({"photographs": [OWN, OWN | {"brand": "nord!", "path": "x"}]}, "share the folder nord"),
        ({"photographs": [OWN | {"brand": "***"}]}, "no letter or digit"),
        ({"photographs": [{"brand": "Nord", "season": "FW26"}]}, r"photographs\.0\.path: is missing"),
        ({"photographs": [OWN | {"url": "/a/b/"}]}, r"photographs\.0\.url: unknown key"),
        ({"photographs": {"nord": "x"}}, r"photographs"),
    ],
)
def test_a_catalogue_of_photographs_that_cannot_be_used_says_why(tmp_path, others, reason):
    with pytest.raises(ConfigError, match=reason):
        read_own(tmp_path, OWN, **others)


def test_a_path_is_absolute_or_starts_at_the_home_or_the_catalogue(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", "/home/someone")
    (photographs,) = read_own(tmp_path, OWN).photographs
    assert photographs.locate(tmp_path) == tmp_path / "nord_fw26"
    assert photographs.model_copy(update={"path": "/x/y"}).locate(tmp_path) == Path("/x/y")
    assert photographs.model_copy(update={"path": "~/y"}).locate(tmp_path) == Path("/home/someone/y")
    assert photographs.model_copy(update={"path": "~nobody-here/y"}).locate(tmp_path) == tmp_path / "~nobody-here/y"


def test_a_path_that_leads_nowhere_is_named_with_its_place_and_remedy(tmp_path):
    catalogue = read_own(tmp_path, OWN, OWN | {"path": "absent"})
    (tmp_path / "nord_fw26").mkdir()
    with pytest.raises(MissingInput) as failure:
        require_photographs(catalogue, tmp_path)
    assert str(failure.value) == (
        f"{tmp_path}/catalogue.yaml: photographs.1.path: absent: no folder or zip file at {tmp_path}/absent; correct "
        "the path (a relative one starts at the catalogue's folder)"
    )
