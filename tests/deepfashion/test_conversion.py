"""Items as COCO's labelled images, and what the bad ones become."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashiongen.deepfashion.annotations import Category
from fashiongen.deepfashion.conversion import convert_items, correct_box
from fashiongen.deepfashion.items import Item
from fashiongen.errors import AnnotationError

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


def items(*names, box=(10, 20, 110, 220)):
    return [Item(n, f"img/Dress/{name}.jpg", box, Category("Dress", 3)) for n, name in enumerate(names, start=1)]


def convert(items, sizes, check_boxes=True):
    return list(convert_items(items, sizes, Path("Img"), check_boxes=check_boxes))


def test_each_item_has_a_fate_in_its_place():
    conversions = convert(items("short", "sound", "gone"), ["corrupt", SIZE, "missing"])
    assert [each.fate for each in conversions] == ["corrupt", "converted", "missing"]
    assert [each.image is None for each in conversions] == [True, False, True]


def test_a_sound_image_has_its_own_size_and_a_path_below_the_root():
    (conversion,) = convert(items("sound"), [SIZE])
    assert conversion.image == (1, "Img/img/Dress/sound.jpg", *SIZE, 3, (10, 20, 100, 200))
    assert not conversion.rescaled


def test_an_empty_box_is_degenerate():
    (conversion,) = convert(items("sound", box=(10, 20, 11, 220)), [SIZE])
    assert (conversion.fate, conversion.image) == ("degenerate", None)


def test_boxes_of_the_small_images_are_scaled_to_the_large_ones_or_taken_as_they_are():
    """Images of 200 x 300 px, of which thirty are there in 1,000 x 1,500 px, one in its own size and one not at all."""
    many = items(*map(str, range(32)), box=(10, 20, 190, 290))
    sizes = [(1000, 1500)] * 30 + [SIZE, "missing"]
    scaled, as_given = convert(many, sizes), convert(many, sizes, check_boxes=False)
    assert [each.image.bbox for each in scaled[:31]] == [(50, 100, 900, 1350)] * 30 + [(10, 20, 180, 270)]
    assert [each.rescaled for each in scaled] == [True] * 30 + [False] * 2
    assert {each.image.bbox for each in as_given[:31]} == {(10, 20, 180, 270)}


def test_boxes_of_no_known_size_are_refused():
    many = items(*map(str, range(32)), box=(10, 20, 60, 90))
    with pytest.raises(AnnotationError, match="the boxes of 32 images of about 1500 px do not belong"):
        convert(many, [(1000, 1500)] * 32)
