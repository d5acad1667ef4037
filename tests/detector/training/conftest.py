"""What the tests of a training's pictures share."""

import pytest

from fashiongen.coco.detection import Detection


@pytest.fixture(scope="session")
def found_at():
    """Makes the one detection of a target: its box, perhaps shifted to the right or of another category."""

    def make(target, *, shift=0.0, category_id=None, score=0.9):
        left, top, right, bottom = target.boxes_xyxy[0].tolist()
        label = int(target.labels[0]) if category_id is None else category_id
        return (Detection(target.image.image_id, label, (left + shift, top, right - left, bottom - top), score),)

    return make
