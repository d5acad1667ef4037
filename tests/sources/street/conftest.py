"""A data set in the form of Clothing Co-Parsing, small enough to be drawn in a test."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from fashiongen.sources.street.garments import CATEGORIES

TAGS = ("null", "bag", "boots", "hair", "skin", *sorted(CATEGORIES))
WIDTH, HEIGHT = 60, 90


class FakeCcp:
    """Writes photographs of noise, with label maps or tags as the test wants them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("photos", "annotations/pixel-level", "annotations/image-level"):
            (folder / name).mkdir(parents=True)
        cells = np.empty((1, len(TAGS)), dtype=object)
        cells[0] = [np.array([tag]) for tag in TAGS]
        savemat(folder / "label_list.mat", {"label_list": cells})

    def photograph(self, name: str) -> None:
        noise = np.random.default_rng(int(name)).integers(0, 256, (HEIGHT // 10, WIDTH // 10, 3), dtype=np.uint8)
        Image.fromarray(noise).resize((WIDTH, HEIGHT)).save(self.folder / "photos" / f"{name}.jpg", quality=95)

    def mapped(self, name: str, regions: dict[str, tuple[int, int, int, int]]) -> Path:
        """A photograph whose map has a rectangle (left, top, right, bottom) for each tag, later ones on top."""
        self.photograph(name)
        labels = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
        for tag, (left, top, right, bottom) in regions.items():
            labels[top:bottom, left:right] = TAGS.index(tag)
        path = self.folder / "annotations/pixel-level" / f"{name}.mat"
        savemat(path, {"groundtruth": labels})
        return path

    def tagged(self, name: str, tags: list[str]) -> Path:
        """A photograph that has tags only."""
        self.photograph(name)
        path = self.folder / "annotations/image-level" / f"{name}.mat"
        savemat(path, {"tags": np.array([[TAGS.index(tag) for tag in tags]], dtype=np.uint8)})
        return path


@pytest.fixture
def ccp(tmp_path):
    return FakeCcp(tmp_path / "ccp")
