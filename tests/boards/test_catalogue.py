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
    ],
)
def test_a_wrong_entry_is_named(tmp_path, change, place):
    with pytest.raises(ConfigError, match=rf"catalogue\.yaml: catalogue\.{place}"):
        read(tmp_path, ENTRY | change)


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
