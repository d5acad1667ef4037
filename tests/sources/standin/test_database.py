"""A site's folder is read as it was written, or refused with its fault named."""

import json
import shutil

import pytest

from fashiongen.errors import BadInput, MissingInput
from fashiongen.sources.standin.database import image_path, read_site


@pytest.mark.slow
def test_a_site_is_read_as_it_was_written(site_folder, boards):
    assert read_site(site_folder) == boards[1]


def test_a_missing_image_is_named_with_its_pin(site_folder, tmp_path):
    shutil.copy(site_folder / "boards.json", tmp_path)
    pin = read_site(site_folder)[0].feed[0]
    with pytest.raises(MissingInput, match=f"{image_path(tmp_path, pin)}.*{pin.id}"):
        read_site(tmp_path)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("signature", "../../etc/passwd"),
        ("signature", "ABCDEF" * 6),
        ("signature", None),
        ("ext", "svg"),
        ("colour", 1),
    ],
)
def test_a_pin_that_breaks_the_form_is_refused_with_its_place(site_folder, tmp_path, field, value):
    rows = json.loads((site_folder / "boards.json").read_text())
    rows[0]["feed"][2][field] = value
    (tmp_path / "boards.json").write_text(json.dumps(rows))
    with pytest.raises(BadInput, match=r"boards\.json: 0\.feed\.2"):
        read_site(tmp_path)


def test_a_folder_without_a_site_is_missing_input(tmp_path):
    with pytest.raises(MissingInput, match=r"boards\.json"):
        read_site(tmp_path)
