"""Planted copies are found, upright and mirrored; new images of the same kind are no copies."""

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from fashiongen.errors import TooFewImages
from fashiongen.evaluation.metrics.extractor import Extractor
from fashiongen.evaluation.metrics.params import OriginalityParams
from fashiongen.evaluation.originality import ROWS_AT_ONCE, TrainingDescriptors, describe_images, measure_originality

SIDE_PX = 16
PARAMS = OriginalityParams(copy_quantile=0.001, copy_hash_distance=2)  # nearer than any two training images are
OTHER_COLOURS = OriginalityParams(copy_quantile=0.001, copy_hash_distance=6)  # clipping moves a few bits
PIXELS = Extractor(nn.Flatten(), name="pixels")


def draw(n: int, *, seed: int) -> torch.Tensor:
    """Smooth random pictures: blobs of colour, as photographs have and noise has not."""
    rng = np.random.default_rng(seed)
    blobs = [Image.fromarray(rng.integers(0, 256, (5, 5, 3), np.uint8)) for _ in range(n)]
    large = [np.asarray(image.resize((SIDE_PX, SIDE_PX), Image.Resampling.BICUBIC)) for image in blobs]
    return torch.from_numpy(np.stack(large)).permute(0, 3, 1, 2).contiguous()


def describe(images):
    return describe_images(images, PIXELS.extract(images))


def describe_training(images) -> TrainingDescriptors:
    return TrainingDescriptors(describe(images), describe(images.flip(-1)))


def measure(generated, training, *, params=PARAMS, k=3):
    return measure_originality(describe(generated), describe_training(training), params, k=k)


@pytest.fixture(scope="module")
def training():
    return draw(60, seed=1)


def add_grain(images: torch.Tensor) -> torch.Tensor:
    """The images as another encoder would have left them."""
    grain = torch.from_numpy(np.random.default_rng(9).integers(-3, 4, tuple(images.shape)))
    return (images.int() + grain).clamp(0, 255).to(torch.uint8)


@pytest.mark.parametrize("change", [lambda x: x, lambda x: x.flip(-1), add_grain], ids=["same", "mirrored", "grainy"])
def test_a_planted_copy_is_found_and_beside_it_its_original(training, change):
    generated = torch.cat([draw(20, seed=2), change(training[[7, 31]]), draw(20, seed=3)])
    found = measure(generated, training)
    assert found.near_copies[[20, 21]].all()
    assert found.near_copies.sum() <= 3  # one in forty may come near by chance
    assert found.by_features.positions[[20, 21], 0].tolist() == [7, 31]
    assert found.by_hash.positions[[20, 21], 0].tolist() == [7, 31]
    assert (found.by_features.distances[[20, 21], 0] < 0.2 * found.real_by_features.distances.min()).all()


def test_a_paler_copy_is_found_by_its_features(training):
    """Half the light halves these activations, and leaves their direction."""
    found = measure(training[[5]] // 2, training)
    assert found.by_features.positions[0, 0] == 5
    assert found.near_copies.tolist() == [True]


def test_a_copy_in_other_colours_is_found_by_its_hash(training):
    """A hash is blind to colour: each pixel's colour mirrored at the gray of its luminance."""
    image = training[[11]].float()
    gray = image.mul(torch.tensor([0.299, 0.587, 0.114]).view(3, 1, 1)).sum(1, keepdim=True)
    found = measure((2 * gray - image).clamp(0, 255).to(torch.uint8), training, params=OTHER_COLOURS)
    assert found.by_hash.positions[0, 0] == 11
    assert found.by_features.distances[0, 0] > found.threshold
    assert found.near_copies.tolist() == [True]


def test_the_nearest_are_those_of_plain_loops(training):
    generated = draw(8, seed=4)
    found = measure(generated, training, k=4)
    for row, image in enumerate(generated):
        distances = [min(angle(image, other), angle(image, other.flip(-1))) for other in training]
        order = np.argsort(distances)[:4]
        assert found.by_features.positions[row].tolist() == order.tolist()
        assert found.by_features.distances[row] == pytest.approx(np.sort(distances)[:4], abs=1e-6)


def angle(one: torch.Tensor, other: torch.Tensor) -> float:
    """The length of the chord between two directions: 2 sin(angle / 2)."""
    a, b = one.flatten().double().numpy(), other.flatten().double().numpy()
    cosine = a @ b / np.sqrt((a @ a) * (b @ b))
    return float(2 * np.sin(np.arccos(min(cosine, 1)) / 2))


def test_a_training_image_is_no_neighbour_of_itself_nor_of_its_mirror_image(training):
    found = measure(draw(5, seed=2), training)
    assert (found.real_by_features.positions[:, 0] != np.arange(60)).all()
    assert (found.real_by_hash.positions[:, 0] != np.arange(60)).all()
    assert found.real_by_features.distances.min() > 0.05


def test_the_quantile_is_the_share_of_training_images_below_the_threshold(training):
    params = PARAMS.model_copy(update={"copy_quantile": 0.1, "copy_hash_distance": 0})
    found = measure(draw(5, seed=2), training, params=params)
    below = (found.real_by_features.distances < found.threshold).sum()
    assert abs(below - 6) <= 1  # two images that are each other's nearest tie
    assert found.are_near(found.real_by_features).sum() == below


def test_new_images_of_the_same_kind_have_a_ratio_about_one_and_copies_of_zero(training):
    assert np.median(measure(draw(100, seed=5), training).ratios) == pytest.approx(1, abs=0.1)
    assert measure(training, training).ratios == pytest.approx(0, abs=1e-6)


@pytest.mark.slow
def test_many_images_are_compared_in_parts(training):
    """More rows than fit one part: each image of the second part still finds itself."""
    many = training.repeat(ROWS_AT_ONCE // len(training) + 2, 1, 1, 1)
    found = measure(many, training, k=1)
    assert (found.by_features.positions[:, 0] == np.arange(len(many)) % len(training)).all()
    alone = measure(draw(2, seed=2), draw(ROWS_AT_ONCE + 10, seed=6), k=1)
    assert (alone.real_by_features.positions[:, 0] != np.arange(ROWS_AT_ONCE + 10)).all()


@pytest.mark.parametrize(("images", "k", "needed"), [(1, 1, 2), (3, 4, 4)])
def test_too_few_training_images_are_refused(training, images, k, needed):
    with pytest.raises(TooFewImages, match=f"{images} training images, {needed} needed"):
        measure(draw(2, seed=2), training[:images], k=k)
