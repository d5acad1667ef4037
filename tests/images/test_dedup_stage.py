"""The stage from scraped folders to one folder of distinct images."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from fashiongen.errors import BadInput, MissingInput, TooFewImages
from fashiongen.files import read_csv, sha256_file, write_csv
from fashiongen.images.manifest import CorruptRecord, DuplicateRecord, ImageRecord, PinRecord
from fashiongen.images.shards import read_content, write_shard
from stages import dedup

PARAMS = """\
executor: {engine: local, address: null, workers: null}
storage: {images_per_shard: null}
dedup:
  max_hamming_distance: 12
  max_difference: 20
  differing_frac: 0.03
  max_aspect_change_frac: 0.08
  min_contrast: 3
  held_out_frac: 0.5
  seed: 7
"""


def picture(seed):
    rng = np.random.default_rng(seed)
    return Image.fromarray(rng.integers(0, 256, (24, 16, 3), np.uint8)).resize((160, 240), Image.Resampling.BICUBIC)


class Boards:
    """Scraped folders as the scrape leaves them."""

    def __init__(self, folder):
        self.folder = folder / "data/scraped"
        self.rows = []

    def pin(self, file, signature, image=None, outcome="saved"):
        """Add a row, and the file where there is an image."""
        if image is not None:
            (self.folder / file).parent.mkdir(parents=True, exist_ok=True)
            image.save(self.folder / file)
        named = {"board": "/a/", "brand": file.split("/")[0], "season": "SS26", "section": "", "title": "", "link": ""}
        size = {"width_px": 160, "height_px": 240, "bytes": 1, "sha256": ""}
        pin_id = str(len(self.rows) + 1)
        self.rows.append(PinRecord(pin_id=pin_id, signature=signature, file=file, outcome=outcome, **named, **size))

    def write(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        write_csv(self.folder / "pins.csv", PinRecord, self.rows)


@pytest.fixture
def boards(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text(PARAMS)
    return Boards(tmp_path)


@pytest.mark.slow
def test_each_picture_is_kept_once_and_every_other_file_is_accounted_for(boards, tmp_path, capsys):
    boards.pin("b/one.png", "one", picture(1))
    boards.pin("b/two.png", "two", picture(2))
    boards.pin("a/one.png", "one", picture(1))
    boards.pin("a/small.png", "small", picture(2).resize((120, 180)))
    boards.pin("a/three.png", "three", picture(3))
    boards.pin("", "", outcome="skipped_video")
    (tmp_path / "data/scraped/a/broken.jpg").write_bytes(b"no image")
    boards.pin("a/broken.jpg", "broken")
    boards.write()
    dedup.main()
    out = tmp_path / "data/pinterest"
    manifest = read_csv(out / "manifest.csv", ImageRecord)
    assert [(row.file, row.brand, row.pin_id) for row in manifest] == [
        ("one.png", "b", "1"),
        ("three.png", "a", "5"),
        ("two.png", "b", "2"),
    ]
    assert [row.sha256 for row in manifest] == [sha256_file(out / "images" / row.file) for row in manifest]
    assert sorted(path.name for path in (out / "images").iterdir()) == [row.file for row in manifest]
    removed = {row.removed: (row.keeper, row.rule) for row in read_csv(out / "duplicates.csv", DuplicateRecord)}
    assert removed == {"a/one.png": ("b/one.png", "name"), "a/small.png": ("b/two.png", "near")}
    (corrupt,) = read_csv(out / "corrupt.csv", CorruptRecord)
    assert corrupt.file == "a/broken.jpg"
    assert "3 of 6 images kept" in capsys.readouterr().out
    assert len(list((tmp_path / "data/scraped").rglob("*.*g"))) == 6


def test_a_sound_copy_stands_in_for_a_corrupt_first(boards, tmp_path):
    boards.pin("b/one.png", "one", picture(1))
    boards.pin("a/one.png", "one", picture(1))
    (tmp_path / "data/scraped/b/one.png").write_bytes(b"no image")
    boards.write()
    dedup.main()
    assert [row.brand for row in read_csv(tmp_path / "data/pinterest/manifest.csv", ImageRecord)] == ["a"]


def test_two_runs_write_the_same_bytes(boards, tmp_path):
    for seed in range(4):
        boards.pin(f"a/{seed}.png", str(seed), picture(seed))
    boards.write()
    runs = []
    for _ in range(2):
        dedup.main()
        out = tmp_path / "data/pinterest"
        runs.append({path.relative_to(out): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()})
    assert runs[0] == runs[1]


def read_tables(folder):
    """The rows of the manifest, each without the shard of its file, and the two other tables."""
    manifest = read_csv(folder / "manifest.csv", ImageRecord)
    rows = [row.model_copy(update={"file": Path(row.file).name}) for row in manifest]
    return rows, [(folder / name).read_bytes() for name in ("duplicates.csv", "corrupt.csv")]


def test_shards_hold_the_images_that_are_files_of_their_own_without_them(boards, tmp_path):
    """The images come by two boards, so that they are kept in another order than that of their names."""
    for seed in (3, 0, 4, 1, 2):
        boards.pin(f"{'ab'[seed % 2]}/Löök {seed}.png", str(seed), picture(seed))
    boards.pin("b/again.png", "again", picture(4).resize((120, 180)))
    boards.write()
    dedup.main()
    out, alone = tmp_path / "data/pinterest", tmp_path / "alone"
    shutil.move(out, alone)
    change_params(tmp_path, images_per_shard=2)
    dedup.main()
    assert read_tables(out) == read_tables(alone)
    files = [row.file for row in read_csv(out / "manifest.csv", ImageRecord)]
    assert files == [f"00000{number // 2}.zip/Löök {number}.png" for number in range(5)] == sorted(files)
    assert sorted(path.name for path in (out / "images").iterdir()) == ["000000.zip", "000001.zip", "000002.zip"]
    for file in files:
        assert read_content(out / "images" / file) == (alone / "images" / Path(file).name).read_bytes()


def test_scraped_images_may_be_in_shards_and_one_that_is_damaged_there_is_listed(boards, tmp_path):
    """A damaged image is left out with its reason, a shard that cannot be read ends the stage."""
    for seed in range(3):
        boards.pin(f"a/{seed}.png", str(seed), picture(seed))
    folder = boards.folder / "a"
    files = [folder / f"{seed}.png" for seed in range(3)]
    write_shard(folder / "000000.zip", files)
    content = (folder / "000000.zip").read_bytes().replace(files[1].read_bytes()[-60:-20], bytes(40))
    (folder / "000000.zip").write_bytes(content)
    for file in files:
        file.unlink()
    boards.rows = [row.model_copy(update={"file": f"a/000000.zip/{Path(row.file).name}"}) for row in boards.rows]
    boards.write()
    dedup.main()
    out = tmp_path / "data/pinterest"
    assert sorted(path.name for path in (out / "images").iterdir()) == ["0.png", "2.png"]
    (corrupt,) = read_csv(out / "corrupt.csv", CorruptRecord)
    assert (corrupt.file, "damaged in its shard" in corrupt.reason) == ("a/000000.zip/1.png", True)
    (folder / "000000.zip").write_bytes(content[:500])
    with pytest.raises(BadInput, match=r"^data/scraped/a/000000\.zip: no zip file that can be read[^\n]*$"):
        dedup.main()


def change_params(folder, *, images_per_shard):
    params = yaml.safe_load((folder / "params.yaml").read_text())
    params["storage"]["images_per_shard"] = images_per_shard
    (folder / "params.yaml").write_text(yaml.safe_dump(params))


def test_fewer_images_leave_no_shard_of_the_last_run(boards, tmp_path):
    for seed in range(4):
        boards.pin(f"a/{seed}.png", str(seed), picture(seed))
    boards.write()
    change_params(tmp_path, images_per_shard=1)
    dedup.main()
    boards.rows = boards.rows[:1]
    boards.write()
    dedup.main()
    files = [path.name for path in sorted((tmp_path / "data/pinterest").rglob("*")) if path.is_file()]
    assert files == ["corrupt.csv", "duplicates.csv", "000000.zip", "manifest.csv"]


def test_boards_without_an_image_are_an_error(boards):
    boards.pin("", "", outcome="skipped_video")
    boards.write()
    with pytest.raises(TooFewImages, match=r"^data/scraped/pins\.csv: no image is left: 0 pins name a file, and 0 of"):
        dedup.main()


def test_a_file_that_is_gone_is_an_error(boards):
    boards.pin("a/one.png", "one")
    boards.write()
    with pytest.raises(MissingInput, match=r"a/one\.png: no such file"):
        dedup.main()


def test_a_file_not_named_by_its_signature_cannot_hide_another(boards):
    boards.pin("a/one.png", "one", picture(1))
    boards.pin("b/one.png", "two", picture(2))
    boards.write()
    with pytest.raises(BadInput, match=r"^data/scraped/b/one\.png: data/pinterest/images/one\.png is taken"):
        dedup.main()
