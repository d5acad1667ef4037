"""The sheet shows whole crops, evenly drawn from all of them."""

import numpy as np
from PIL import Image

from fashiongen.crops.contact_sheet import render_contact_sheet


def written(folder, colours):
    paths = []
    for at, colour in enumerate(colours):
        paths.append(folder / f"{at}.png")
        Image.new("RGB", (8, 16), colour).save(paths[-1])
    return paths


def test_cells_hold_the_images_in_reading_order(tmp_path):
    paths = written(tmp_path, [(255, 0, 0), (0, 255, 0), (0, 0, 255)])
    sheet = np.asarray(render_contact_sheet(paths, columns=2, rows=5, cell_px=20))
    assert sheet.shape == (40, 40, 3)
    assert [tuple(sheet[y, x]) for y, x in ((10, 10), (10, 30), (30, 10), (30, 30))] == [
        (255, 0, 0),
        (0, 255, 0),
        (0, 0, 255),
        (255, 255, 255),
    ]


def test_more_images_than_cells_are_drawn_evenly(tmp_path):
    paths = written(tmp_path, [(shade, 0, 0) for shade in range(100)])
    sheet = np.asarray(render_contact_sheet(paths, columns=5, rows=2, cell_px=20))
    assert [int(sheet[y, x, 0]) for y in (10, 30) for x in range(10, 100, 20)] == list(range(0, 100, 10))


def test_no_crop_is_an_empty_sheet():
    assert render_contact_sheet([], columns=5, rows=2, cell_px=20).size == (100, 20)
