"""The stage from scraped folders to one folder of distinct images."""

import numpy as np
import pytest
from PIL import Image

from fashiongen.errors import BadInput, MissingInput, TooFewImages
from fashiongen.files import read_csv, sha256_file, write_csv
from fashiongen.images.manifest import CorruptRecord, DuplicateRecord, ImageRecord, PinRecord
from stages import dedup

PARAMS = """\
executor: {engine: local, address: null, workers: null}
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
