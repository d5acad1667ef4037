"""Batches are functions of their number: complete epochs, boxes that follow their images, padding that says nothing."""

import numpy as np
import pytest
import torch
from PIL import Image

from fashiongen.detector.batches import (
    FileReader,
    InferenceBatches,
    MemoryReader,
    TrainingBatches,
    batch_indices,
    collate,
    flip_horizontally,
    iterate_batches,
)
from fashiongen.detector.network import normalise
from fashiongen.detector.pixels import ScaledImage
from fashiongen.detector.targets import ImageFile
from fashiongen.errors import CorruptImage, MissingInput


def test_every_epoch_shows_every_image_once_across_batch_borders():
    drawn = [index for at in range(7) for index in batch_indices(at, images=10, batch_size=4, seed=1)]
    assert sorted(drawn[:10]) == sorted(drawn[10:20]) == list(range(10))
    assert drawn[:10] != drawn[10:20]


def test_another_seed_is_another_order():
    orders = [batch_indices(0, images=1000, batch_size=50, seed=seed) for seed in (1, 2)]
    assert orders[0] != orders[1]


def gray_image(height, width):
    return ScaledImage(torch.full((3, height, width), 7, dtype=torch.uint8), (height, width))


def test_images_lie_in_the_corner_of_a_batch_of_whole_strides():
    batch = collate([gray_image(30, 20), gray_image(33, 64)], [])
    assert batch.images.shape == (2, 3, 48, 64)
    assert batch.sizes == [(30, 20), (33, 64)]
    assert (batch.images[0, :, :30, :20] == 7).all()
    assert (batch.images[1, :, :33] == 7).all()


def test_padding_is_next_to_zero_after_normalisation():
    padding = normalise(collate([gray_image(1, 1)], []).images)[0, :, 5:, 5:]
    assert padding.abs().max() < 0.02


def test_a_box_stays_on_its_pixels_when_both_are_mirrored():
    pixels = torch.zeros(3, 10, 20, dtype=torch.uint8)
    pixels[:, 2:8, 3:9] = 255
    target = {"boxes": torch.tensor([[3.0, 2.0, 9.0, 8.0]]), "labels": torch.tensor([1])}
    image, mirrored = flip_horizontally(ScaledImage(pixels, (10, 20)), target)
    left, top, right, bottom = mirrored["boxes"][0].int().tolist()
    assert (image.pixels[:, top:bottom, left:right] == 255).all()
    assert (image.pixels == 255).sum() == 3 * 36


@pytest.mark.parametrize("workers", [0, 1])
def test_memory_files_and_workers_make_the_same_batches(data, model, training, workers):
    kept = TrainingBatches(data.targets, MemoryReader(data.images, model), training)
    read = TrainingBatches(data.targets, FileReader(data.images, model), training)
    for first, second in zip(
        iterate_batches(kept, range(2, 5), workers=0), iterate_batches(read, range(2, 5), workers=workers), strict=True
    ):
        assert torch.equal(first.images, second.images)
        assert first.sizes == second.sizes
        for one, other in zip(first.targets, second.targets, strict=True):
            assert torch.equal(one["boxes"], other["boxes"])


def test_half_of_the_images_are_mirrored(data, model, training):
    params = training.model_copy(update={"iterations": 30, "batch_size": 24})
    plain = TrainingBatches(
        data.targets, MemoryReader(data.images, model), params.model_copy(update={"hflip_prob": 0.0})
    )
    mirrored = TrainingBatches(data.targets, MemoryReader(data.images, model), params)
    changed = [
        not torch.equal(before, after)
        for number in range(30)
        for before, after in zip(plain[number].images, mirrored[number].images, strict=True)
    ]
    assert np.mean(changed) == pytest.approx(0.5, abs=0.06)  # over three standard deviations of 720 coins


def test_inference_shows_every_image_in_order(data, model):
    read = MemoryReader(data.images, model)
    batches = InferenceBatches(len(data.images), read, batch_size=7)
    sizes = [len(batch.sizes) for batch in iterate_batches(batches, range(len(batches)), workers=0)]
    assert sizes == [7, 7, 7, 3]
    assert torch.equal(batches[3].images[2, :, :96, :64], read(23).pixels)


@pytest.mark.parametrize("workers", [0, 1])
def test_a_corrupt_or_missing_image_is_one_line_from_a_worker_too(tmp_path, model, workers):
    Image.new("RGB", (8, 8)).save(tmp_path / "whole.png")
    (tmp_path / "broken.png").write_bytes((tmp_path / "whole.png").read_bytes()[:40])
    batches = InferenceBatches(1, FileReader([ImageFile(1, tmp_path / "broken.png")], model), batch_size=1)
    with pytest.raises(CorruptImage) as caught:
        list(iterate_batches(batches, range(1), workers=workers))
    assert str(caught.value).startswith(str(tmp_path / "broken.png"))
    assert "\n" not in str(caught.value)
    batches = InferenceBatches(1, FileReader([ImageFile(1, tmp_path / "gone.png")], model), batch_size=1)
    with pytest.raises(MissingInput) as caught:
        list(iterate_batches(batches, range(1), workers=workers))
    assert str(caught.value).startswith(str(tmp_path / "gone.png"))
    assert "\n" not in str(caught.value)
