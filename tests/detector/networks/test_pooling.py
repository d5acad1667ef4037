"""Regions are read from the level that fits their size, and come in the order of their images."""

import pytest
import torch
from torchvision.ops import roi_align

from fashiongen.detector.networks.pooling import RegionPool

STRIDES = [4, 8, 16, 32]


def pool_of(strides_px, canonical_px=224, *, sampling_ratio=2, training=False):
    pool = RegionPool(strides_px=strides_px, side=7, sampling_ratio=sampling_ratio, canonical_px=canonical_px)
    return pool.train(training)


def square(side):
    return [10.0, 20.0, 10.0 + side, 20.0 + side]


@pytest.mark.parametrize("canonical_px", [224, 100])
@pytest.mark.parametrize(
    ("share", "level"),
    [
        (0.01, 0),
        (0.2499, 0),
        (0.2501, 0),
        (0.499, 0),
        (0.501, 1),
        (0.999, 1),
        (1.001, 2),
        (1.999, 2),
        (2.001, 3),
        (9, 3),
    ],
)
def test_twice_the_side_is_one_level_coarser(canonical_px, share, level):
    """floor(4 + log2(side / canonical)) within the levels 2 to 5 (Lin et al. 2017, eq. 1), here counted from 0."""
    boxes = torch.tensor([square(share * canonical_px)])
    assert pool_of(STRIDES, canonical_px).choose_levels(boxes).tolist() == [level]


def test_the_side_is_that_of_the_square_of_the_same_area():
    """56 x 224 counts as 112, which is read from stride 8."""
    boxes = torch.tensor([[0.0, 0.0, 56.1, 224.0], [0.0, 0.0, 224.0, 55.9], [0.0, 0.0, 112.0, 112.0]])
    assert pool_of(STRIDES).choose_levels(boxes).tolist() == [1, 0, 1]


def test_levels_that_are_not_there_are_replaced_by_the_nearest():
    boxes = torch.tensor([square(10), square(230), square(2000)])
    assert pool_of([16, 32]).choose_levels(boxes).tolist() == [0, 0, 1]
    assert pool_of([8]).choose_levels(boxes).tolist() == [0, 0, 0]


def random_boxes(count, rng):
    corners = torch.rand(count, 2, generator=rng) * 60
    return torch.cat([corners, corners + 2 + torch.rand(count, 2, generator=rng) * 60], dim=1)


def test_one_level_is_torchvisions_aligned_pooling():
    rng = torch.Generator().manual_seed(0)
    features, boxes = torch.randn(2, 5, 16, 16, generator=rng), [random_boxes(count, rng) for count in (4, 3)]
    found = pool_of([8])({"0": features, "pool": features[:, :, ::2, ::2]}, boxes, [(128, 128)] * 2)
    assert torch.equal(found, roi_align(features, boxes, 7, 1 / 8, 2, aligned=True))


def test_regions_of_several_images_and_levels_come_in_their_order():
    """Each region alone, from the one level that it belongs to, gives its row."""
    rng = torch.Generator().manual_seed(1)
    features = {
        str(level): torch.randn(2, 3, 128 // stride, 128 // stride, generator=rng)
        for level, stride in enumerate(STRIDES)
    }
    boxes = [random_boxes(6, rng), torch.tensor([square(90), square(5), square(40), square(100)])]
    pool = pool_of(STRIDES, canonical_px=64)
    chosen = pool.choose_levels(torch.cat(boxes)).tolist()
    assert set(chosen) == {0, 1, 2}
    expected = [
        roi_align(features[str(level)][[image]], [box[None]], 7, 1 / STRIDES[level], 2, aligned=True)
        for (image, box), level in zip([(image, box) for image in (0, 1) for box in boxes[image]], chosen, strict=True)
    ]
    torch.testing.assert_close(pool(features, boxes, [(128, 128)] * 2), torch.cat(expected))


@pytest.mark.parametrize("sampling_ratio", [1, 2, 3])
def test_training_pools_as_detecting_does_and_so_do_its_gradients(sampling_ratio):
    """Regions at the edges of the image, thinner than a cell and of no area are among them."""
    rng = torch.Generator().manual_seed(3)
    shapes = [(5, 3, 96 // stride, 128 // stride) for stride in STRIDES]
    edges = torch.tensor([[0.0, 0, 128, 96], [0, 0, 1, 1], [126.5, 94.5, 128, 96], [3, 5, 3.5, 90], [7, 7, 7, 7]])
    inner = (random_boxes(40, rng) * torch.tensor([1.0, 0.75] * 2)).clamp(max=96)
    boxes = [edges, inner[:7], torch.zeros(0, 4), inner[7:38], inner[38:]]
    outputs, gradients = [], []
    for training in (False, True):
        draw = torch.Generator().manual_seed(4)
        features = {str(place): torch.randn(shape, generator=draw) for place, shape in enumerate(shapes)}
        pool = pool_of(STRIDES, canonical_px=40, sampling_ratio=sampling_ratio, training=training)
        output = pool({name: level.requires_grad_() for name, level in features.items()}, boxes, [(96, 128)] * 5)
        output.backward(torch.randn(output.shape, generator=draw))
        outputs.append(output.detach())
        gradients.append([level.grad for level in features.values()])
    assert len(set(pool.choose_levels(torch.cat(boxes)).tolist())) == 4
    torch.testing.assert_close(outputs[1], outputs[0], rtol=0, atol=1e-4)
    torch.testing.assert_close(gradients[1], gradients[0], rtol=0, atol=1e-3)


def test_a_constant_map_pools_to_its_constant():
    features = {
        str(level): torch.full((1, 2, 128 // stride, 128 // stride), 2.5) for level, stride in enumerate(STRIDES)
    }
    boxes = random_boxes(9, torch.Generator().manual_seed(2))
    pooled = pool_of(STRIDES, canonical_px=64)(features, [boxes], [(128, 128)])
    torch.testing.assert_close(pooled, torch.full((9, 2, 7, 7), 2.5))


def test_an_image_without_regions_adds_none():
    features = {"0": torch.ones(2, 3, 16, 16)}
    boxes = [torch.zeros(0, 4), torch.tensor([square(40)])]
    assert pool_of([8])(features, boxes, [(128, 128)] * 2).shape == (1, 3, 7, 7)
    assert pool_of([8])(features, [boxes[0]] * 2, [(128, 128)] * 2).shape == (0, 3, 7, 7)
