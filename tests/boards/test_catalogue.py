from pathlib import Path

import pytest
import yaml

from fashiongen.boards.catalogue import PINTEREST, read_catalogue, require_chosen
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
        ({"url": "https://www.pinterest.com/aurore/runway/"}, "boards.0.url"),
        ({"url": "/aurore/runway"}, "boards.0.url"),
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


@pytest.mark.parametrize("url", ["https://www.pinterest.com/aurore/runway/", "aurore/runway", "https://pin.it/x"])
def test_the_error_for_a_wrong_url_says_what_to_write(tmp_path, url):
    with pytest.raises(ConfigError, match=r"is no board's path: write /member/board/, from slash to slash"):
        read(tmp_path, ENTRY | {"url": url})


def test_a_season_may_be_a_number(tmp_path):
    assert read(tmp_path, ENTRY | {"season": 2026}).boards[0].season == "2026"


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
    assert (len(set(brands)), brands[0], brands[-1]) == (20, "Balenciaga", "Yves Saint Laurent")


def test_a_board_that_was_not_chosen_is_named(tmp_path):
    other = {"brand": "Nord", "season": "FW26", "url": "/choose-a-board/nord/"}
    require_chosen(read(tmp_path, ENTRY), tmp_path)
    with pytest.raises(MissingInput, match=r"catalogue\.yaml: choose a board, or remove the entry, for Nord$"):
        require_chosen(read(tmp_path, ENTRY, other), tmp_path)


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
        require_chosen(catalogue, tmp_path)
    assert str(failure.value) == (
        f"{tmp_path}/catalogue.yaml: photographs.1.path: absent: no folder or zip file at {tmp_path}/absent; correct "
        "the path (a relative one starts at the catalogue's folder)"
    )
