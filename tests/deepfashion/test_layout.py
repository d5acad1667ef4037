"""Where copies of the benchmark keep their images."""

from pathlib import Path

import pytest

from fashiongen.deepfashion.layout import find_image_folder
from fashiongen.errors import MissingInput

NAMES = ["img/Dress/img_00000001.jpg", "img/Dress/img_00000002.jpg"]


@pytest.mark.parametrize(
    ("lies_at", "folder"),
    [
        ("img/Dress", "."),
        ("Img/img/Dress", "Img"),
        ("img/img/Dress", "img"),
        ("img-001/img/Dress", "img-001"),
    ],
)
def test_every_layout_of_the_images_is_found(tmp_path, lies_at, folder):
    """By its second image: the first is missing, as some are."""
    (tmp_path / lies_at).mkdir(parents=True)
    (tmp_path / lies_at / "img_00000002.jpg").write_bytes(b"")
    assert find_image_folder(tmp_path, NAMES) == Path(folder)


def test_no_image_anywhere_is_an_error_with_the_remedy(tmp_path):
    with pytest.raises(MissingInput, match=r"no annotated image is in any of.*unpack img\.zip below"):
        find_image_folder(tmp_path, NAMES)
