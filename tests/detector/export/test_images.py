"""Which images are meant, which of them decode, and what their pictures are called."""

import zipfile
from pathlib import Path

import pytest

from fashiongen.detector.export.images import decode_sizes, find_images, number_images
from fashiongen.errors import CorruptImage, MissingInput
from fashiongen.images.shards import write_shard


def test_folders_are_searched_to_their_ends_in_order_and_files_taken_as_they_are(tmp_path, write_image):
    for name in ("b/z.PNG", "b/a.jpeg", "b/deep/er/m.webp", "c.gif"):
        write_image(tmp_path / name)
    for name in ("b/notes.txt", "b/deep/more.TXT", "b/raw.heic", "LICENSE"):
        (tmp_path / name).write_text("no image")
    odd = write_image(tmp_path / "odd.jpg").rename(tmp_path / "odd.photo")
    found = find_images([odd, tmp_path / "b", tmp_path])
    assert found.passed_over == {".txt": 2, ".heic": 1, "": 1}  # each once, and not the one that was named
    assert [path.relative_to(tmp_path).as_posix() for path in found.paths] == [
        "odd.photo",
        "b/a.jpeg",
        "b/deep/er/m.webp",
        "b/z.PNG",
        "c.gif",
    ]


def test_images_in_shards_are_found_and_other_zip_files_passed_over(tmp_path, write_image):
    images = [write_image(tmp_path / name, (20, 30)) for name in ("a.png", "b b.jpg")]
    (tmp_path / "in").mkdir()
    write_shard(tmp_path / "in/000000.zip", images)
    for name in ("own.zip", "20240131.zip"):
        with zipfile.ZipFile(tmp_path / "in" / name, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(images[0], "a.png")
    found = find_images([tmp_path / "in"])
    assert [path.relative_to(tmp_path).as_posix() for path in found.paths] == [
        "in/000000.zip/a.png",
        "in/000000.zip/b b.jpg",
    ]
    assert found.passed_over == {".zip": 2}
    assert find_images([tmp_path / "in/000000.zip"]).paths == found.paths
    assert list(decode_sizes(found.paths)) == [(20, 30), (20, 30)]


def test_what_is_not_there_is_named(tmp_path):
    with pytest.raises(MissingInput, match=r"/nowhere: no such file or folder$"):
        find_images([tmp_path, tmp_path / "nowhere"])
    with pytest.raises(MissingInput, match=r": no image there \(\.jpg, .*, \.avif\)$"):
        find_images([tmp_path])


def test_sizes_come_in_order_with_the_reason_where_there_is_none(tmp_path, write_image):
    """A file that is cut short is found out although it is not decoded at its full size."""
    whole = write_image(tmp_path / "whole.jpg", (1300, 900))
    cut = tmp_path / "cut.jpg"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 9 // 10])
    first, second, third = decode_sizes([whole, cut, write_image(tmp_path / "small.png", (30, 50))])
    assert (first, third) == ((1300, 900), (30, 50))
    assert isinstance(second, CorruptImage)


def test_no_two_pictures_have_one_name():
    paths = ["a/look.jpg", "b/look.png", "b/look-2.jpg", "b/LOOK.jpg", "c/other.webp"]
    images = number_images((Path(path), (4, 3)) for path in paths)
    assert [image.picture for image in images] == ["look.jpg", "look-2.jpg", "look-2-2.jpg", "LOOK-3.jpg", "other.jpg"]
    assert [image.image_id for image in images] == [1, 2, 3, 4, 5]
    assert images[0][2:4] == (4, 3)


@pytest.mark.parametrize("stem", ["a" * 251, "ü" * 125, "衣" * 83, "\udcff" * 251])
def test_long_names_are_cut_so_that_each_picture_can_be_written(tmp_path, stem):
    """255 bytes are the limit, and a letter may be several: of two files of such a name both have a picture."""
    paths = [tmp_path / folder / f"{stem}{suffix}" for folder in "abc" for suffix in ("", ".jpg")]
    pictures = [image.picture for image in number_images((path, (4, 3)) for path in paths)]
    for picture in pictures:
        (tmp_path / picture).touch()
    assert len({picture.lower() for picture in pictures}) == len(paths)
    assert all(picture.startswith(stem[:50]) and picture.endswith(".jpg") for picture in pictures)
