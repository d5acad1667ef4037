"""The user's own photographs: every file has its row, none is changed, and nothing unusual ends a run."""

import hashlib
import io
import os
import struct
import zipfile

import pytest
from PIL import Image

from fashiongen.boards.catalogue import Photographs
from fashiongen.boards.content import Inspector
from fashiongen.boards.inspection import Photograph
from fashiongen.boards.output import write_scrape
from fashiongen.boards.photographs import inspect_original, open_photographs, read_original
from fashiongen.boards.records import count_outcomes
from fashiongen.errors import BadInput

INSPECTOR = Inspector(max_megapixels=80.0, timeout_s=30.0)
ENTRY = Photographs(brand="Maison Aurore", season="FW26", path="aurore_fw26")
MAX_BYTES = 200_000


def inspect(path, entry=ENTRY, *, max_bytes=MAX_BYTES, min_side_px=64):
    """Each file's row, by its name below `path`."""
    with open_photographs(path) as originals:
        rows = [
            inspect_original(one, entry, INSPECTOR, max_bytes=max_bytes, min_side_px=min_side_px) for one in originals
        ]
    return dict(zip([original.name for original in originals], rows, strict=True))


def outcomes(path, **changes):
    return {name: row.outcome for name, row in inspect(path, **changes).items()}


def encode(form, size=(80, 120)):
    stream = io.BytesIO()
    Image.effect_noise(size, 64).convert("RGB").save(stream, form)
    return stream.getvalue()


def hash_all(folder):
    """Every file's content and time of change."""
    return {
        path: (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "aurore_fw26"
    path.mkdir()
    return path


@pytest.fixture
def put(folder, draw_jpeg):
    """Puts a photograph of its own colour below the folder; returns its bytes."""
    hues = iter(range(1, 1000))

    def put(name, content=None):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(draw_jpeg(next(hues) * 0.0137) if content is None else content)
        return path.read_bytes()

    return put


def zip_up(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_a_row_says_what_is_known_of_a_photograph(folder, put):
    content = put("show/001.jpg")
    row = inspect(folder)["show/001.jpg"]
    digest = hashlib.sha256(content).hexdigest()
    assert (row.brand, row.season, row.board, row.title) == ("Maison Aurore", "FW26", "aurore_fw26", "show/001.jpg")
    assert (row.signature, row.file, row.sha256) == (digest[:32], f"images/maison-aurore/{digest[:32]}.jpg", digest)
    assert (row.width_px, row.height_px, row.bytes, row.outcome) == (200, 300, len(content), "saved")


STRANGE = [
    "001.jpg",
    "001.JPG",
    "001.jpeg",
    "nested/deeper/001.jpg",
    "nested/001.jpg",
    "a file with spaces.jpg",
    "Größe für Žena 春.jpg",
    "=cmd|'calc'.jpg",
    'quote".jpg',
    "line\nbreak.jpg",
    "no suffix",
    "wrong suffix.txt",
    "x" * 246 + ".jpg",
]


def test_every_different_photograph_is_saved_under_a_name_of_its_own_whatever_it_is_called(folder, put):
    for name in STRANGE:
        put(name)
    rows = inspect(folder)
    assert set(rows) == set(STRANGE)
    assert {row.outcome for row in rows.values()} == {"saved"}
    for field in ("pin_id", "signature", "file"):
        assert len({getattr(row, field) for row in rows.values()}) == len(STRANGE)


def test_a_name_that_is_no_text_is_written_with_replacements(folder, put):
    put("x.jpg")
    (folder / "x.jpg").rename(folder / os.fsdecode(b"\xff\xfe.jpg"))
    (row,) = inspect(folder).values()
    assert (row.title, row.outcome) == ("\ufffd\ufffd.jpg", "saved")
    row.title.encode()


def test_two_brands_with_equal_file_names_keep_all_their_photographs(tmp_path, draw_jpeg):
    rows = []
    for number, brand in enumerate(("Aurore", "Nord")):
        (tmp_path / brand).mkdir()
        for name in ("001.jpg", "002.jpg"):
            (tmp_path / brand / name).write_bytes(draw_jpeg(number * 0.3 + int(name[2]) * 0.1))
        rows += inspect(tmp_path / brand, Photographs(brand=brand, season="", path=brand)).values()
    assert len({row.signature for row in rows}) == len({row.file for row in rows}) == 4


def test_equal_bytes_are_one_image_with_a_row_each(folder, put):
    content = put("a.jpg")
    put("b.jpg", content)
    one, other = inspect(folder).values()
    assert (one.signature, one.file) == (other.signature, other.file)
    assert one.pin_id != other.pin_id


FORMATS = {"PNG": "png", "WEBP": "webp", "GIF": "gif", "TIFF": "tif", "BMP": "bmp"}


@pytest.mark.parametrize(("form", "ext"), FORMATS.items())
def test_the_bytes_decide_the_suffix(folder, put, form, ext):
    put("photograph.jpg", encode(form))
    assert inspect(folder)["photograph.jpg"].file.endswith(f".{ext}")


def test_what_is_no_usable_image_is_a_row_with_its_reason(folder, put, draw_jpeg):
    put("good.jpg")
    put("empty.jpg", b"")
    put("notes.txt", b"a list of looks")
    put("page.jpg", b"<html></html>")
    put("cut.jpg", draw_jpeg(0.2)[:-400])
    put("cut.tif", encode("TIFF")[:-400])
    put("small.jpg", draw_jpeg(0.4, (63, 300)))
    put("large.png", encode("BMP", (400, 400)))
    put(".DS_Store", b"x")
    put("._good.jpg", b"x")
    put("Thumbs.db", b"x")
    put(".git/objects/1.jpg")
    (folder / "broken_link.jpg").symlink_to(folder / "absent.jpg")
    os.mkfifo(folder / "pipe.jpg")
    assert outcomes(folder) == {
        "good.jpg": "saved",
        "empty.jpg": "failed_not_an_image",
        "notes.txt": "failed_not_an_image",
        "page.jpg": "failed_not_an_image",
        "cut.jpg": "failed_broken_image",
        "cut.tif": "failed_broken_image",
        "small.jpg": "skipped_small",
        "large.png": "failed_too_many_bytes",
        ".DS_Store": "skipped_hidden",
        "._good.jpg": "skipped_hidden",
        "Thumbs.db": "skipped_hidden",
        ".git": "skipped_hidden",
        "broken_link.jpg": "failed_unreadable",
        "pipe.jpg": "failed_unreadable",
    }
    assert [row.file for name, row in inspect(folder).items() if name != "good.jpg"] == [""] * 13
    assert count_outcomes(list(inspect(folder).values())) == (
        "found 14, saved 1, skipped 5 (hidden 4, small 1), "
        "failed 8 (broken_image 2, not_an_image 3, too_many_bytes 1, unreadable 2)"
    )


def test_an_image_of_too_many_pixels_is_refused_before_it_is_decoded(folder, put, monkeypatch):
    put("bomb.png", encode("PNG"))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    assert outcomes(folder) == {"bomb.png": "failed_too_many_pixels"}


def test_links_to_files_are_read_and_links_to_folders_are_not_followed(tmp_path, folder, put):
    content = put("a.jpg")
    (tmp_path / "elsewhere.jpg").write_bytes(content[:-2] + b"\xff\xd9")
    (folder / "link.jpg").symlink_to(tmp_path / "elsewhere.jpg")
    (folder / "circle").symlink_to(folder)
    assert outcomes(folder) == {"a.jpg": "saved", "link.jpg": "saved", "circle": "failed_unreadable"}


def test_a_folder_that_cannot_be_listed_is_a_row(folder, put, monkeypatch):
    put("a.jpg")
    put("closed/b.jpg")
    scandir = os.scandir

    def refuse(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert outcomes(folder) == {"a.jpg": "saved", "closed": "failed_unreadable"}


@pytest.mark.parametrize("path", ["absent", "a_file.jpg"])
def test_what_is_neither_a_folder_nor_a_zip_file_is_named(tmp_path, path):
    (tmp_path / "a_file.jpg").write_bytes(b"x")
    with pytest.raises(BadInput, match=rf"{path}: neither a folder nor a zip file that can be read"):
        inspect(tmp_path / path)


def test_an_empty_folder_or_zip_file_is_named_with_the_remedy(tmp_path, folder):
    (folder / "empty").mkdir()
    for path in (folder, zip_up(tmp_path / "empty.zip", {})):
        with pytest.raises(BadInput) as failure:
            inspect(path)
        assert str(failure.value) == (
            f"{path}: holds no file; put photographs there, or remove its entry from the catalogue"
        )


def test_a_zip_file_gives_the_rows_of_its_folder(tmp_path, folder, put):
    members = {name: put(name) for name in ("001.jpg", "nested/001.jpg", "notes.txt")}
    members["__MACOSX/._001.jpg"] = put("__MACOSX/._001.jpg", b"x")
    rows = inspect(zip_up(tmp_path / "aurore.zip", members | {"nested/": b""}))
    assert {name: row for name, row in rows.items() if "MACOSX" not in name} == {
        name: row for name, row in inspect(folder).items() if "MACOSX" not in name
    }
    assert rows["__MACOSX/._001.jpg"].outcome == "skipped_hidden"


def test_names_in_a_zip_file_that_lead_out_of_it_write_nothing_there(tmp_path, draw_jpeg):
    names = ["/absolute.jpg", "../up.jpg", "nested/../../up.jpg", "C:\\windows.jpg"]
    (tmp_path / "in").mkdir()
    path = zip_up(tmp_path / "in/aurore.zip", {name: draw_jpeg(0.1 * number) for number, name in enumerate(names)})
    before = hash_all(tmp_path)
    with open_photographs(path) as originals:
        rows = [
            inspect_original(original, ENTRY, INSPECTOR, max_bytes=MAX_BYTES, min_side_px=64) for original in originals
        ]
        photographs = [Photograph(*pair, MAX_BYTES) for pair in zip(originals, rows, strict=True)]
        write_scrape(tmp_path / "scraped", photographs, [], images_per_shard=None)
    written = hash_all(tmp_path)
    assert {path: written[path] for path in before} == before
    new = [path.relative_to(tmp_path).parent.as_posix() for path in written.keys() - before.keys()]
    assert sorted(new) == [*["scraped"] * 2, *["scraped/images/maison-aurore"] * 4]


def test_what_a_small_zip_file_unpacks_to_is_bounded(tmp_path, draw_jpeg, monkeypatch):
    path = zip_up(tmp_path / "bomb.zip", {"zeros.jpg": bytes(50_000_000), "good.jpg": draw_jpeg(0.3)})
    assert path.stat().st_size < 100_000
    read: list[int] = []
    original_read = zipfile.ZipExtFile.read
    monkeypatch.setattr(zipfile.ZipExtFile, "read", lambda self, n=-1: read.append(n) or original_read(self, n))
    assert outcomes(path) == {"zeros.jpg": "failed_too_many_bytes", "good.jpg": "saved"}
    assert set(read) == {MAX_BYTES + 1}


def damage(content, member, change):
    """A zip file whose member `member` has other bytes."""
    at = content.index(member)
    return content[:at] + change + content[at + len(change) :]


def test_a_damaged_or_encrypted_member_is_a_row(tmp_path, draw_jpeg):
    path = tmp_path / "aurore.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("damaged.jpg", draw_jpeg(0.1))
        archive.writestr("good.jpg", draw_jpeg(0.2))
        archive.writestr("locked.jpg", draw_jpeg(0.3))
    content = damage(path.read_bytes(), draw_jpeg(0.1)[300:], b"damage")
    for header, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # the flag of an encrypted member, in both headers
        at = content.rindex(header) + offset
        content = content[:at] + struct.pack("<H", 1) + content[at + 2 :]
    path.write_bytes(content)
    assert outcomes(path) == {
        "damaged.jpg": "failed_unreadable",
        "good.jpg": "saved",
        "locked.jpg": "failed_unreadable",
    }


def test_a_zip_file_that_is_cut_off_is_named(tmp_path, draw_jpeg):
    path = zip_up(tmp_path / "aurore.zip", {"a.jpg": draw_jpeg(0.1)})
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(BadInput, match=r"aurore\.zip: neither a folder nor a zip file that can be read"):
        inspect(path)


def test_the_originals_are_only_read(folder, put, tmp_path):
    content = put("001.jpg")
    put("notes.txt", b"x")
    before = hash_all(folder)
    with open_photographs(folder) as originals:
        row = inspect_original(originals[0], ENTRY, INSPECTOR, max_bytes=MAX_BYTES, min_side_px=64)
        assert read_original(originals[0], row, max_bytes=MAX_BYTES) == content
    assert hash_all(folder) == before


@pytest.mark.parametrize("change", ["replace", "delete"])
def test_a_photograph_that_changes_while_it_is_read_is_an_error(folder, put, tmp_path, change):
    put("001.jpg")
    with open_photographs(folder) as (original,):
        row = inspect_original(original, ENTRY, INSPECTOR, max_bytes=MAX_BYTES, min_side_px=64)
        put("001.jpg") if change == "replace" else (folder / "001.jpg").unlink()
        with pytest.raises(BadInput, match=r"^aurore_fw26/001\.jpg: changed while it was read; run the stage again$"):
            read_original(original, row, max_bytes=MAX_BYTES)
