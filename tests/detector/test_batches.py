"""Batches are functions of their number: complete epochs, boxes that follow their images, padding that says nothing."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from fashiongen.detector.data.batches import (
    FileReader,
    InferenceBatches,
    MemoryReader,
    Share,
    TrainingBatches,
    batch_indices,
    collate,
    iterate_batches,
    scale_target,
)
from fashiongen.detector.data.pixels import ScaledImage
from fashiongen.detector.data.targets import ImageFile, Target
from fashiongen.detector.networks.faster_rcnn import build_network
from fashiongen.detector.networks.purpose import ForInference, ForTraining
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


@pytest.mark.parametrize(("divisor_px", "shape"), [(16, (48, 64)), (32, (64, 64))])
def test_images_lie_in_the_corner_of_a_batch_of_whole_strides(divisor_px, shape):
    batch = collate([gray_image(30, 20), gray_image(33, 64)], [], [], divisor_px=divisor_px)
    assert batch.images.shape == (2, 3, *shape)
    assert batch.sizes == [(30, 20), (33, 64)]
    for image, (height, width) in zip(batch.images, batch.sizes, strict=True):
        assert (image[:, :height, :width] == 7).all()
        assert image.sum() == 3 * height * width * 7


@pytest.mark.parametrize("training_mode", [True, False])
def test_what_padding_holds_changes_nothing(data, model, training, infer, training_mode):
    """The network sets it to 0 behind the normalisation, so a batch's own 0 is no black."""
    infer = infer.model_copy(update={"min_score": 0.0})
    purpose = ForTraining(training) if training_mode else ForInference(infer)
    network = build_network("resnet18", model, purpose, categories=3).train(training_mode)
    images = torch.randint(0, 256, (2, 3, 96, 96), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    sizes = [(70, 90), (96, 50)]
    target = {"boxes": torch.tensor([[5.0, 5.0, 40.0, 60.0]]), "labels": torch.tensor([1])}
    results = []
    for value in (0, 200):
        padded = torch.full_like(images, value)
        for row, image, (height, width) in zip(padded, images, sizes, strict=True):
            row[:, :height, :width] = image[:, :height, :width]
        with torch.no_grad():
            results.append(network(padded, sizes, [target] * 2, [1, 2]) if training_mode else network(padded, sizes))
    if training_mode:
        assert results[0] == results[1]
    else:
        for one, other in zip(*results, strict=True):
            assert len(one["scores"]) > 0
            assert torch.equal(one["scores"], other["scores"])


def test_a_target_is_scaled_on_each_axis():
    target = Target(ImageFile(1, Path("x")), np.array([[1, 2, 3, 4]], dtype=np.float32), np.array([2]))
    assert scale_target(target, (2.0, 0.5))["boxes"].tolist() == [[2, 1, 6, 2]]


WHOLE = Share(0, 1)


def batches_of(data, model, training, *, share=WHOLE, reader=None, augment=None, **changes):
    params = training.model_copy(update=changes)
    if augment:
        params = params.model_copy(update={"augment": params.augment.model_copy(update=augment)})
    reader = reader or MemoryReader(data.images, model, short_side_px=max(params.augment.short_sides_px))
    return TrainingBatches(data.targets, reader, params, divisor_px=model.size_divisor_px, share=share)


def rows_of(batch):
    """What each image of a batch is: pixels, boxes, labels, seed."""
    for image, (height, width), target, seed in zip(batch.images, batch.sizes, batch.targets, batch.seeds, strict=True):
        pixels = image[:, :height, :width].flatten().tolist()
        yield height, width, pixels, target["boxes"].tolist(), target["labels"].tolist(), seed


ALL = {"hflip_prob": 0.5, "short_sides_px": [48, 56, 64], "crop_min_frac": 0.6, "colour": 0.3}


@pytest.mark.parametrize(("devices", "accumulate"), [(2, 1), (1, 2), (2, 2), (4, 1)])
def test_shares_and_parts_together_are_the_one_batch(data, model, training, devices, accumulate):
    """Of every image all that was drawn, whoever has it."""
    options = {"batch_size": 8, "augment": ALL}
    [whole] = batches_of(data, model, training, **options)[5]
    expected = list(rows_of(whole))
    seen = []
    for device in range(devices):
        share = Share(device, devices)
        parts = batches_of(data, model, training, share=share, accumulate=accumulate, **options)[5]
        assert len(parts) == accumulate
        assert {len(part.sizes) for part in parts} == {8 // devices // accumulate}
        seen += [row for part in parts for row in rows_of(part)]
    assert sorted(seen) == sorted(expected)
    assert len({seed for *_, seed in seen}) == 8


@pytest.mark.parametrize("share", [WHOLE, Share(1, 2)])
def test_image_names_are_those_of_the_whole_batch(data, model, training, share):
    batches = batches_of(data, model, training, share=share)
    for iteration in range(8):
        indices = batch_indices(iteration, images=24, batch_size=4, seed=training.seed)
        assert batches.image_names(iteration) == [data.targets[index].image.path.name for index in indices]


def test_an_image_is_shown_otherwise_in_the_next_epoch(data, model, training):
    """Its seed, and what augmentation draws."""
    batches = batches_of(data, model, training, batch_size=24, augment=ALL)
    shown = [dict(zip(batches.image_names(epoch), rows_of(batches[epoch][0]), strict=True)) for epoch in (0, 1)]
    assert all(shown[0][name][-1] != shown[1][name][-1] for name in shown[0])
    assert sum(shown[0][name][2] != shown[1][name][2] for name in shown[0]) > 20


def test_each_of_the_short_sides_is_shown(data, model, training):
    """Pictures are 64 x 96, and their boxes shrink with them."""
    batches = batches_of(data, model, training, batch_size=24, augment={"short_sides_px": [32, 64], "hflip_prob": 0.0})
    [batch] = batches[0]
    assert set(batch.sizes) == {(48, 32), (96, 64)}
    truth = {target.image.path.name: target.boxes_xyxy for target in data.targets}
    for name, (height, _), target in zip(batches.image_names(0), batch.sizes, batch.targets, strict=True):
        assert np.array_equal(target["boxes"].numpy(), truth[name] * height / 96)


def test_memory_and_files_read_the_same_at_the_scale_that_is_kept(data, model):
    kept = MemoryReader(data.images, model, short_side_px=40)
    read = FileReader(model)
    for image in data.images:
        one, other = kept(image, 40), read(image, 40)
        assert torch.equal(one.pixels, other.pixels)
        assert one.original_size == other.original_size == (96, 64)


def test_memory_gives_smaller_scales_as_files_do_but_for_the_last_bits(data, model):
    """Scaled twice is a little softer; sides and scales are the same."""
    kept, read = MemoryReader(data.images, model, short_side_px=64), FileReader(model)
    for image in data.images:
        one, other = kept(image, 48), read(image, 48)
        assert (one.size, one.scale_xy) == (other.size, other.scale_xy) == ((72, 48), (0.75, 0.75))
        assert (one.pixels.float() - other.pixels.float()).abs().max() <= 2


@pytest.mark.parametrize("workers", [0, 1])
def test_memory_files_and_workers_make_the_same_batches(data, model, training, workers):
    kept = batches_of(data, model, training, accumulate=2)
    read = batches_of(data, model, training, accumulate=2, reader=FileReader(model))
    for first, second in zip(
        iterate_batches(kept, range(2, 5), workers=0), iterate_batches(read, range(2, 5), workers=workers), strict=True
    ):
        assert [list(rows_of(part)) for part in first] == [list(rows_of(part)) for part in second]


def test_inference_shows_every_image_in_order(data, model, infer):
    read = FileReader(model)
    batches = InferenceBatches(data.images, model, infer.model_copy(update={"batch_size": 7}))
    made = [batch for [batch] in iterate_batches(batches, range(len(batches)), workers=0)]
    assert [len(batch.sizes) for batch in made] == [7, 7, 7, 3]
    shown = [
        image[:, :height, :width]
        for batch in made
        for image, (height, width) in zip(batch.images, batch.sizes, strict=True)
    ]
    pairs = zip(data.images, shown, strict=True)
    assert all(torch.equal(pixels, read(image, 64).pixels) for image, pixels in pairs)


def test_inference_shows_each_scale_in_the_order_of_the_params(data, model, infer):
    """The largest as its file is decoded for it, the others as it is scaled down."""
    batches = InferenceBatches(data.images[:2], model, infer.model_copy(update={"scales": (1.0, 0.5, 1.5)}))
    shown = batches[0]
    assert [batch.sizes for batch in shown] == [[(96, 64)] * 2, [(48, 32)] * 2, [(144, 96)] * 2]
    assert [batch.scales_xy[0] for batch in shown] == [(1.0, 1.0), (0.5, 0.5), (1.5, 1.5)]
    read = FileReader(model.model_copy(update={"long_side_px": 1000}))
    assert torch.equal(shown[2].images[0, :, :144, :96], read(data.images[0], 96).pixels)
    assert (shown[0].images[0, :, :96, :64].float() - read(data.images[0], 64).pixels).abs().mean() < 20


@pytest.mark.parametrize("workers", [0, 1])
def test_a_corrupt_or_missing_image_is_one_line_from_a_worker_too(tmp_path, model, infer, workers):
    Image.new("RGB", (8, 8)).save(tmp_path / "whole.png")
    (tmp_path / "broken.png").write_bytes((tmp_path / "whole.png").read_bytes()[:40])
    for name, kind in (("broken.png", CorruptImage), ("gone.png", MissingInput)):
        batches = InferenceBatches([ImageFile(1, tmp_path / name)], model, infer)
        with pytest.raises(kind) as caught:
            list(iterate_batches(batches, range(1), workers=workers))
        assert str(caught.value).startswith(str(tmp_path / name))
        assert "\n" not in str(caught.value)


def test_workers_leave_the_trainings_random_numbers_alone(data, model, training):
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    list(iterate_batches(batches_of(data, model, training), range(2), workers=0))
    assert torch.equal(torch.rand(3), expected)
