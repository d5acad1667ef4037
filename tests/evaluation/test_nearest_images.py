"""From training_set.csv to matches: the right files beside the right images, each described once."""

import numpy as np
import pytest
import torch
from torch import nn

from fashiongen.errors import BadInput, MissingInput
from fashiongen.evaluation.metrics.extractor import Extractor
from fashiongen.evaluation.metrics.params import OriginalityParams
from fashiongen.evaluation.nearest_images import (
    MATCHES,
    TrainingImages,
    count_copies,
    gather_nearest,
    read_training_set,
)
from fashiongen.evaluation.originality import describe_images, measure_originality
from fashiongen.evaluation.records import NEAREST
from fashiongen.files import write_csv, write_json
from fashiongen.images.manifest import TrainingImage
from fashiongen.images.pack import Frame

SIDE_PX = 16
FRAME = Frame(SIDE_PX, SIDE_PX)
PARAMS = OriginalityParams(copy_quantile=0.001, copy_hash_distance=0)


class Pixels(nn.Module):
    """The pixels themselves; it counts the images."""

    def __init__(self):
        super().__init__()
        self.seen = 0

    def forward(self, images):
        self.seen += len(images)
        return images.flatten(1).float()


@pytest.fixture(scope="module")
def paths(tmp_path_factory, draw_picture):
    folder = tmp_path_factory.mktemp("images")
    for number in range(30):
        draw_picture(number).save(folder / f"{number:02}.png")
    return sorted(folder.iterdir())


@pytest.fixture
def training():
    return TrainingImages(Extractor(Pixels(), name="pixels"), "cover")


def find(training, paths, generated):
    descriptors = describe_images(generated, training.extractor.extract(generated))
    return measure_originality(descriptors, training.describe(paths, frame=FRAME), PARAMS, k=NEAREST)


def test_planted_copies_are_counted_and_shown_first_beside_their_files(training, paths):
    copies = training.pack([paths[4], paths[9]], frame=FRAME)
    noise = torch.randint(0, 256, (20, 3, SIDE_PX, SIDE_PX), generator=torch.Generator().manual_seed(0))
    generated = torch.cat([noise.to(torch.uint8), copies])
    found = find(training, paths, generated)
    assert count_copies(found).near_copies == 2
    shown = gather_nearest(found, generated, paths, training)
    record = shown.record
    assert len(record.matches) == MATCHES
    assert [match.is_near_copy for match in record.matches[:3]] == [True, True, False]
    for match in record.matches[:2]:
        assert shown.pictures[match.generated].tobytes() == shown.pictures[match.nearest[0]].tobytes()
        assert (match.distance, match.hash_distance) == (pytest.approx(0, abs=1e-6), 0)
    named = [file for match in record.matches for file in (match.generated, *match.nearest, match.nearest_by_hash)]
    assert sorted(named) == sorted(shown.pictures)
    rest = [match.distance for match in record.matches[2:]]
    assert rest == sorted(rest)
    assert record.threshold == pytest.approx(np.quantile(record.training_distances, 0.001))


def test_shared_training_images_are_described_once(training, paths):
    everything = training.describe(paths, frame=FRAME)
    some = training.describe(paths[20:8:-2], frame=FRAME)
    assert training.extractor.module.seen == 2 * len(paths)  # upright and mirrored
    assert torch.equal(some.upright.features, everything.upright.features[list(range(20, 8, -2))])
    assert some.upright.hashes.tolist() == everything.upright.hashes[20:8:-2].tolist()
    assert some.mirrored.hashes.tolist() == everything.mirrored.hashes[20:8:-2].tolist()
    training.describe(paths, frame=Frame(SIDE_PX // 2, SIDE_PX // 2))
    assert training.extractor.module.seen == 4 * len(paths)


def test_a_training_set_is_read_from_its_report(tmp_path):
    rows = [TrainingImage(file=name, sha256="") for name in ("b.png", "a.png")]
    write_csv(tmp_path / "training_set.csv", TrainingImage, rows)
    write_json(tmp_path / "counts.json", {"source": "crops"})
    sources = {"crops": tmp_path / "crops", "images": tmp_path / "images"}
    assert read_training_set(tmp_path, sources) == ("crops", [tmp_path / "crops/b.png", tmp_path / "crops/a.png"])
    write_json(tmp_path / "counts.json", {"source": "attic"})
    with pytest.raises(BadInput, match="attic"):
        read_training_set(tmp_path, sources)
    with pytest.raises(MissingInput):
        read_training_set(tmp_path / "none", sources)
