"""Garments whose colours and outlines are known."""

import numpy as np
import pytest
from PIL import Image

from fashiongen.images.manifest import CropRecord
from fashiongen.trends.params import ChangesParams, ForecastParams, TrendsParams

ROOM_PX = 6  # of transparent ground around a garment


@pytest.fixture(scope="session")
def params() -> TrendsParams:
    return TrendsParams(
        palette_colours=5,
        season_colours=8,
        merge_distance=0.06,
        pixels_per_garment=4096,
        date_from_pins=True,
        min_garments=5,
        examples=3,
        resamples=1000,
        confidence=0.95,
        changes=ChangesParams(false_alarms_frac=0.05, lags_seasons=[1, 2]),
        forecast=ForecastParams(min_seasons=8, min_known_frac=0.75, first_seasons=5, min_share=0.05, coverage=0.8),
        seed=7,
    )


@pytest.fixture
def cut_out(tmp_path):
    """Writes RGB pixels as a cut-out on a transparent ground into its `folder`; gives its row of crops.csv."""
    folder = tmp_path / "data/crops/cutouts"
    folder.mkdir(parents=True)

    def write(pixels: np.ndarray, covered: np.ndarray | None = None, **changes: object) -> CropRecord:
        height, width = pixels.shape[:2]
        rgba = np.zeros((height + 2 * ROOM_PX, width + 2 * ROOM_PX, 4), np.uint8)
        covered = np.ones((height, width), bool) if covered is None else covered
        rgba[ROOM_PX:-ROOM_PX, ROOM_PX:-ROOM_PX] = np.dstack([pixels, covered * np.uint8(255)])
        name = f"{len(list(folder.glob('*.png'))):03d}.png"
        Image.fromarray(rgba).save(folder / name)
        return crop_record(file=name, **changes)

    write.folder = folder
    return write


def crop_record(**changes: object) -> CropRecord:
    values = {
        "file": "000.png",
        "source": "000.jpg",
        "pin_id": "1",
        "brand": "Nord",
        "board": "/nord/",
        "season": "SS26",
        "title": "",
        "label": "full",
        "score": 0.9,
        **dict.fromkeys(("x_px", "y_px", "w_px", "h_px", "width_px", "height_px"), 9),
        "sha256": "0" * 64,
        "split": "train",
        "mask": "ok",
        "mask_certainty": 0.9,
        "cutout_width_px": 9,
        "cutout_height_px": 9,
        "cutout_sha256": "0" * 64,
    }
    return CropRecord.model_validate(values | changes)


def plain(colour: tuple[int, int, int], height: int = 80, width: int = 40) -> np.ndarray:
    return np.broadcast_to(np.array(colour, np.uint8), (height, width, 3)).copy()
