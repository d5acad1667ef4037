"""The stage on a catalogue of photographs: no browser, no account, no pins.csv by hand, and nothing is lost."""

import hashlib
import shutil
import zipfile
from pathlib import Path

import pytest
import yaml

from fashiongen.boards import session
from fashiongen.boards.catalogue import read_catalogue
from fashiongen.errors import BadInput, MissingInput
from fashiongen.files import read_csv
from fashiongen.images.duplicates import merge_by_name
from fashiongen.images.manifest import PinRecord
from fashiongen.images.shards import read_content
from stages import scrape


@pytest.fixture
def workplace(tmp_path, monkeypatch, params, draw_jpeg):
    """A repository with two brands' photographs of equal file names, one brand's in a zip file."""
    hues = iter(range(1000))
    for folder in ("data/own/aurore_fw26", "nord/looks"):
        (tmp_path / folder).mkdir(parents=True)
        for number in range(1, 6):
            (tmp_path / folder / f"{number:03d}.jpg").write_bytes(draw_jpeg(next(hues) * 0.043))
    (tmp_path / "data/own/aurore_fw26/notes.txt").write_text("the first show")
    shutil.make_archive(str(tmp_path / "data/own/nord"), "zip", tmp_path / "nord")
    shutil.rmtree(tmp_path / "nord")
    write_catalogue(tmp_path, ("Maison Aurore", "FW26", "aurore_fw26"), ("Nord", "SS26", "nord.zip"))
    section = params.model_dump(mode="json") | {"boards": "data/own"}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump({"storage": {"images_per_shard": None}, "scrape": section}))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(scrape, "CHECKPOINTS", tmp_path / ".checkpoints")
    monkeypatch.setattr(session, "open_browser", lambda **_: pytest.fail("a browser was started"))
    return tmp_path


def write_catalogue(workplace, *entries):
    photographs = [dict(zip(("brand", "season", "path"), entry, strict=True)) for entry in entries]
    (workplace / "data/own/catalogue.yaml").write_text(yaml.safe_dump({"photographs": photographs}))


def hash_all(folder):
    return {
        path.relative_to(folder).as_posix(): (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_every_photograph_of_every_brand_arrives_and_no_original_changes(workplace, capsys):
    before = hash_all(workplace / "data/own")
    scrape.main()
    assert hash_all(workplace / "data/own") == before
    rows = read_csv(scrape.SCRAPED / "pins.csv", PinRecord)
    saved = [row for row in rows if row.outcome == "saved"]
    assert [(row.brand, row.season) for row in saved] == [("Maison Aurore", "FW26")] * 5 + [("Nord", "SS26")] * 5
    assert [row.outcome for row in rows if row.title == "notes.txt"] == ["failed_not_an_image"]
    for row in saved:
        assert hashlib.sha256((scrape.SCRAPED / row.file).read_bytes()).hexdigest() == row.sha256
    originals = {digest for name, (digest, _) in before.items() if name.endswith(".jpg")}
    assert originals == {row.sha256 for row in saved if row.brand == "Maison Aurore"}
    assert len(merge_by_name(saved)[0]) == 10  # the study's rule of names takes none for a duplicate
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines if line.startswith(("aurore_fw26 ", "nord.zip "))] == [
        ["aurore_fw26", "6", "5", "0", "1", "end"],
        ["nord.zip", "5", "5", "0", "0", "end"],
    ]
    assert "aurore_fw26: failed_not_an_image 1" in lines


def test_a_second_run_gives_the_same_bytes_and_follows_changes(workplace):
    scrape.main()
    first = {name: digest for name, (digest, _) in hash_all(scrape.SCRAPED).items()}
    scrape.main()
    assert {name: digest for name, (digest, _) in hash_all(scrape.SCRAPED).items()} == first
    (workplace / "data/own/aurore_fw26/001.jpg").unlink()
    scrape.main()
    assert len(hash_all(scrape.SCRAPED)) == len(first) - 1


def test_shards_hold_what_are_files_of_their_own_without_them(workplace):
    """Each brand's folder has its shards; two runs write the same bytes, and so does one after a run without shards."""
    scrape.main()
    alone = read_csv(scrape.SCRAPED / "pins.csv", PinRecord)
    contents = {row.file: (scrape.SCRAPED / row.file).read_bytes() for row in alone if row.file}
    set_images_per_shard(workplace, 2)
    runs = []
    for _ in range(2):
        scrape.main()
        runs.append({name: digest for name, (digest, _) in hash_all(scrape.SCRAPED).items()})
    assert runs[0] == runs[1]
    shards = [f"images/{brand}/00000{number}.zip" for brand in ("maison-aurore", "nord") for number in range(3)]
    assert sorted(runs[0]) == ["boards.csv", *shards, "pins.csv"]
    rows = read_csv(scrape.SCRAPED / "pins.csv", PinRecord)
    for row, before in zip(rows, alone, strict=True):
        assert Path(row.file).name == Path(before.file).name
        if row.file:
            assert read_content(scrape.SCRAPED / row.file) == contents[before.file]
    assert [row.model_copy(update={"file": ""}) for row in rows] == [
        row.model_copy(update={"file": ""}) for row in alone
    ]
    set_images_per_shard(workplace, None)
    scrape.main()
    assert {name: (scrape.SCRAPED / name).read_bytes() for name in contents} == contents
    assert len(hash_all(scrape.SCRAPED)) == len(contents) + 2


def set_images_per_shard(workplace, number):
    values = yaml.safe_load((workplace / "params.yaml").read_text())
    (workplace / "params.yaml").write_text(yaml.safe_dump(values | {"storage": {"images_per_shard": number}}))


@pytest.mark.parametrize("changed", ["another image", "no zip file"])
def test_a_shard_that_the_user_changed_is_never_deleted(workplace, changed):
    set_images_per_shard(workplace, 2)
    scrape.main()
    shard = scrape.SCRAPED / "images/nord/000001.zip"
    if changed == "another image":
        with zipfile.ZipFile(shard, "a") as archive:
            archive.writestr("mine.jpg", b"mine")
    else:
        shard.write_bytes(b"mine")
    before = hash_all(workplace / "data")
    with pytest.raises(BadInput, match=r"1 files there were not written by a scrape, such as images/nord/000001\.zip"):
        scrape.main()
    assert hash_all(workplace / "data") == before


def test_files_that_the_user_put_into_the_output_are_never_deleted(workplace):
    scrape.main()
    mine = scrape.SCRAPED / "mine/001.jpg"
    mine.parent.mkdir()
    mine.write_bytes(b"mine")
    before = hash_all(workplace / "data")
    with pytest.raises(BadInput, match=r"1 files there were not written by a scrape, such as mine/001\.jpg"):
        scrape.main()
    assert hash_all(workplace / "data") == before


def test_an_entry_without_a_usable_image_leaves_the_last_output_alone(workplace):
    scrape.main()
    before = hash_all(scrape.SCRAPED)
    (workplace / "data/own/empty").mkdir()
    (workplace / "data/own/empty/notes.txt").write_text("x")
    write_catalogue(workplace, ("Maison Aurore", "FW26", "aurore_fw26"), ("Nord", "SS26", "empty"))
    with pytest.raises(BadInput, match=r"data/own/empty: no image there can be used: found 1, .*\(not_an_image 1\)$"):
        scrape.main()
    assert hash_all(scrape.SCRAPED) == before


def test_a_missing_folder_ends_the_run_before_anything_is_read(workplace):
    write_catalogue(workplace, ("Maison Aurore", "FW26", "aurore_fw26"), ("Nord", "SS26", "absent"))
    with pytest.raises(MissingInput, match=r"photographs\.1\.path: absent: no folder or zip file at data/own/absent"):
        scrape.main()
    assert not scrape.SCRAPED.exists()


@pytest.mark.parametrize("path", ["../scraped", "../scraped/mine", "..", "../.."])
def test_photographs_in_the_output_or_around_it_are_refused(workplace, path):
    mine = scrape.SCRAPED / "mine/001.jpg"
    (workplace / "data/scraped/mine").mkdir(parents=True)
    write_catalogue(workplace, ("Maison Aurore", "FW26", path))
    with pytest.raises(BadInput, match="overlaps data/scraped, which this stage empties"):
        scrape.main()
    mine.write_bytes(b"mine")
    with pytest.raises(BadInput):
        scrape.main()
    assert mine.read_bytes() == b"mine"


def test_photographs_elsewhere_are_collected_with_the_command_to_run_when_they_change(
    workplace, capsys, tmp_path_factory
):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    shutil.copytree("data/own/aurore_fw26", elsewhere / "looks")
    write_catalogue(workplace, ("Maison Aurore", "FW26", f"{elsewhere}/looks"))
    scrape.main()
    assert len(read_csv(scrape.SCRAPED / "pins.csv", PinRecord)) == 6
    assert (
        f"{elsewhere}/looks lies outside data/own, so DVC does not see when it changes: then run "
        "`dvc repro --force scrape`\n"
    ) in capsys.readouterr().err
    write_catalogue(workplace, ("Maison Aurore", "FW26", "aurore_fw26"))
    scrape.main()
    assert "lies outside" not in capsys.readouterr().err


@pytest.mark.browser
def test_photographs_stand_beside_boards(workplace, boards_folder, monkeypatch):
    monkeypatch.undo()
    monkeypatch.chdir(workplace)
    monkeypatch.setattr(scrape, "CHECKPOINTS", workplace / ".checkpoints")
    shutil.copytree(boards_folder.path / "site", workplace / "data/own/site")
    catalogue = yaml.safe_load((boards_folder.path / "catalogue.yaml").read_text())
    own = yaml.safe_load((workplace / "data/own/catalogue.yaml").read_text())
    short = [board for board in catalogue["boards"] if board["brand"] == "Nord"]
    (workplace / "data/own/catalogue.yaml").write_text(yaml.safe_dump(catalogue | own | {"boards": short}))
    assert len(read_catalogue(workplace / "data/own").boards) == 1
    scrape.main()
    rows = read_csv(scrape.SCRAPED / "pins.csv", PinRecord)
    assert [row.board for row in rows] == ["/nord/runway-fw26/"] * 4 + ["aurore_fw26"] * 6 + ["nord.zip"] * 5
    assert all((scrape.SCRAPED / row.file).is_file() for row in rows if row.outcome == "saved")
