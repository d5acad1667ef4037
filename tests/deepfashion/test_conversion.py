"""Items as COCO's labelled images, and what the bad ones become."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from fashiongen.deepfashion.annotations import Category
from fashiongen.deepfashion.conversion import convert_items, correct_box
from fashiongen.deepfashion.items import Item

SIZE = (200, 300)


@pytest.mark.parametrize(
    ("box_xyxy", "bbox", "swapped", "clipped"),
    [
        ((72, 79, 172, 273), (72, 79, 100, 194), False, False),
        ((0, 0, 200, 300), (0, 0, 200, 300), False, False),
        ((172, 79, 72, 273), (72, 79, 100, 194), True, False),
        ((72, 273, 172, 79), (72, 79, 100, 194), True, False),
        ((72, 79, 202, 303), (72, 79, 128, 221), False, True),
        ((202, -3, 72, 100), (72, 0, 128, 100), True, True),
        ((72, 79, 72, 273), None, False, False),
        ((72, 79, 73, 273), None, False, False),
        ((72, 79, 74, 273), (72, 79, 2, 194), False, False),
        ((250, 79, 280, 273), None, False, True),
    ],
)
def test_a_box_is_corrected(box_xyxy, bbox, swapped, clipped):
    """Reversed, past the edge, one pixel wide or none, and wholly outside."""
    assert correct_box(box_xyxy, SIZE) == (bbox, swapped, clipped)


@given(st.tuples(*[st.integers(-50, 400)] * 4))
def test_a_corrected_box_lies_inside_and_is_not_changed_again(box_xyxy):
    bbox, _, _ = correct_box(box_xyxy, SIZE)
    if bbox is not None:
        x, y, w, h = bbox
        assert 0 <= x < x + w <= SIZE[0]
        assert 0 <= y < y + h <= SIZE[1]
        assert min(w, h) > 1
        assert correct_box((int(x), int(y), int(x + w), int(y + h)), SIZE) == (bbox, False, False)


@pytest.fixture
def tree(tmp_path):
    """Four images: sound, cut short, not an image, and missing."""
    folder = tmp_path / "Img/img/Dress"
    folder.mkdir(parents=True)
    Image.effect_noise(SIZE, 50).convert("RGB").save(folder / "sound.jpg")
    (folder / "short.jpg").write_bytes((folder / "sound.jpg").read_bytes()[:3000])
    (folder / "page.jpg").write_bytes(b"<html>")
    return tmp_path


def items(*names, box=(10, 20, 110, 220)):
    return [Item(n, f"img/Dress/{name}.jpg", box, Category("Dress", 3)) for n, name in enumerate(names, start=1)]


def test_each_item_has_a_fate_in_its_place(tree):
    conversions = list(convert_items(items("short", "sound", "gone", "page"), tree, Path("Img")))
    assert [each.fate for each in conversions] == ["corrupt", "converted", "missing", "corrupt"]
    assert [each.image is None for each in conversions] == [True, False, True, True]


def test_a_sound_image_has_its_own_size_and_a_path_below_the_root(tree):
    (conversion,) = convert_items(items("sound"), tree, Path("Img"))
    assert conversion.image == (1, "Img/img/Dress/sound.jpg", *SIZE, 3, (10, 20, 100, 200))
    assert (tree / conversion.image.file_name).is_file()


def test_an_empty_box_is_degenerate(tree):
    (conversion,) = convert_items(items("sound", box=(10, 20, 11, 220)), tree, Path("Img"))
    assert (conversion.fate, conversion.image) == ("degenerate", None)
