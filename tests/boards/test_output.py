"""A scrape deletes what a scrape wrote, and nothing else."""

import pytest

from fashiongen.boards.output import replace_table, require_own_files
from fashiongen.errors import BadInput
from fashiongen.files import read_csv
from fashiongen.images.manifest import PinRecord

ROW = PinRecord(
    pin_id="1",
    board="/aurore/ss26/",
    brand="Aurore",
    season="SS26",
    section="",
    title="",
    link="",
    signature="a" * 32,
    file="images/aurore/a.jpg",
    width_px=1,
    height_px=1,
    bytes=5,
    sha256="",
    outcome="saved",
)


@pytest.fixture
def scraped(tmp_path):
    """What a scrape of one image, and of one that failed, leaves."""
    folder = tmp_path / "scraped"
    replace_table(folder, [ROW, ROW.model_copy(update={"file": "", "bytes": None, "outcome": "failed_timeout"})])
    put(folder, "images/aurore/a.jpg", b"image")
    return folder


def put(folder, name, content=b"the user's"):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_a_scrapes_own_folder_passes_and_is_emptied(scraped):
    require_own_files(scraped)
    (scraped / "empty/folder").mkdir(parents=True)
    replace_table(scraped, [])
    assert sorted(path.name for path in scraped.rglob("*")) == ["images", "pins.csv"]
    assert read_csv(scraped / "pins.csv", PinRecord) == []


def test_no_folder_and_an_empty_one_pass(tmp_path):
    require_own_files(tmp_path / "absent")
    (tmp_path / "empty/aurore").mkdir(parents=True)
    require_own_files(tmp_path / "empty")


@pytest.mark.parametrize("name", ["mine.jpg", "images/aurore/b.jpg", "mine/001.jpg", "mine/.hidden", "aurore/pins.csv"])
def test_a_file_that_no_row_names_is_refused(scraped, name):
    put(scraped, name)
    with pytest.raises(BadInput) as failure:
        require_own_files(scraped)
    assert str(failure.value) == (
        f"{scraped}: 1 files there were not written by a scrape, such as {name}, and would be lost: move them to a "
        "folder of their own and list that folder under photographs in a catalogue.yaml (docs/own-photographs.md), or "
        "delete them"
    )


def test_a_link_is_refused_even_where_it_leads_nowhere(scraped, tmp_path):
    (scraped / "link").symlink_to(tmp_path / "absent")
    with pytest.raises(BadInput, match="such as link"):
        require_own_files(scraped)


def test_a_file_in_the_place_of_a_scraped_one_is_refused(scraped):
    put(scraped, "images/aurore/a.jpg")
    with pytest.raises(BadInput, match=r"such as images/aurore/a\.jpg"):
        require_own_files(scraped)


@pytest.mark.parametrize("content", [b"", b"brand,file\nAurore,images/aurore/a.jpg\n", b"\xff\xfe\x00", b"\x00"])
def test_a_table_that_no_scrape_wrote_is_not_trusted(scraped, content):
    put(scraped, "pins.csv", content)
    with pytest.raises(BadInput, match="2 files there were not written by a scrape"):
        require_own_files(scraped)


def test_rows_without_a_number_of_bytes_are_not_trusted(scraped):
    table = (scraped / "pins.csv").read_text().replace(",5,", ",,")
    put(scraped, "pins.csv", table.encode())
    with pytest.raises(BadInput, match=r"1 files there were not written by a scrape, such as images/aurore/a\.jpg"):
        require_own_files(scraped)


def test_what_a_killed_scrape_leaves_passes(scraped):
    (scraped / "images/aurore/a.jpg").unlink()  # named before it was copied
    put(scraped, "images/aurore/.new-k3j_x9z2.jpg", b"ima")  # the temporary file of a write
    put(scraped, ".new-abcd1234.csv", b"pin_id")
    require_own_files(scraped)


def test_what_a_file_manager_writes_is_no_file_of_the_users(scraped):
    for name in (".DS_Store", "images/aurore/Thumbs.db"):
        put(scraped, name)
    require_own_files(scraped)


def test_a_file_in_the_folders_place_and_a_link_that_leads_nowhere_are_named(tmp_path):
    (tmp_path / "file").write_bytes(b"the user's")
    (tmp_path / "link").symlink_to(tmp_path / "absent")
    for name in ("file", "link"):
        with pytest.raises(BadInput, match=f"{name}: not a folder; move it away, or create the folder"):
            require_own_files(tmp_path / name)


def test_the_content_behind_a_link_is_replaced_and_the_link_stays(scraped, tmp_path):
    (tmp_path / "link").symlink_to(scraped)
    (scraped / "lost+found").mkdir()
    require_own_files(tmp_path / "link")
    replace_table(tmp_path / "link", [])
    assert (tmp_path / "link").is_symlink()
    assert sorted(path.name for path in scraped.iterdir()) == ["images", "lost+found", "pins.csv"]


def test_a_link_into_a_cache_counts_as_the_file_and_only_the_link_is_deleted(scraped, tmp_path):
    cached = (scraped / "images/aurore/a.jpg").rename(tmp_path / "cached.jpg")
    (scraped / "images/aurore/a.jpg").symlink_to(cached)
    require_own_files(scraped)
    replace_table(scraped, [])
    assert cached.read_bytes() == b"image"


def test_the_old_table_is_deleted_last(scraped, monkeypatch):
    """Killed while it empties the folder, a scrape leaves one that the next may empty."""

    def kill(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr("fashiongen.boards.output.write_csv", kill)
    put(scraped, "images/aurore/.new-k3j_x9z2.jpg", b"ima")
    with pytest.raises(KeyboardInterrupt):
        replace_table(scraped, [])
    assert [path.name for path in scraped.rglob("*")] == ["pins.csv"]
    require_own_files(scraped)
