"""Box losses are their closed forms about any anchor; what is drawn for them depends on an image's seed alone."""

import pytest
import torch
from torchvision.models.detection._utils import BoxCoder
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.rpn import RegionProposalNetwork, RPNHead
from torchvision.ops import generalized_box_iou_loss

from fashiongen.detector.networks.heads import IGNORED, ProposalNetwork, SeededSampler, box_loss, ignore_unlabelled

ROI_WEIGHTS = (10.0, 10.0, 5.0, 5.0)


def test_l1_is_the_sum_of_distances_and_smooth_l1_is_square_near_zero():
    """Within 1/9 it is 9 / 2 x**2, beyond |x| - 1/18."""
    deltas = torch.tensor([[0.1, -0.05, 0.0, 1.0], [-2.0, 0.0, 0.0, 0.0]])
    targets = torch.zeros(2, 4)
    assert box_loss(deltas, targets, "l1", ROI_WEIGHTS).item() == pytest.approx(3.15)
    smooth = 4.5 * (0.1**2 + 0.05**2) + (1 - 1 / 18) + (2 - 1 / 18)
    assert box_loss(deltas, targets, "smooth_l1", ROI_WEIGHTS).item() == pytest.approx(smooth)


@pytest.mark.parametrize("weights", [ROI_WEIGHTS, (1.0, 1.0, 1.0, 1.0)])
def test_giou_is_that_of_the_boxes_about_whatever_anchor(weights):
    """The deltas are those of predicted and true boxes to anchors that lie and measure at random."""
    rng = torch.Generator().manual_seed(0)

    def boxes():
        corners = torch.rand(50, 2, generator=rng) * 400
        return torch.cat([corners, corners + 20 + torch.rand(50, 2, generator=rng) * 200], dim=1)

    anchors, truth, predicted = boxes(), boxes(), boxes()
    predicted[:25] = truth[:25] + torch.randn(25, 4, generator=rng)  # good ones, too
    coder = BoxCoder(weights)
    deltas, targets = (coder.encode_single(of, anchors) for of in (predicted, truth))
    expected = generalized_box_iou_loss(predicted, truth, reduction="sum")
    torch.testing.assert_close(box_loss(deltas, targets, "giou", weights), expected, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("kind", ["l1", "smooth_l1", "giou"])
def test_the_true_boxes_cost_nothing_and_no_boxes_neither(kind):
    deltas = torch.randn(6, 4, generator=torch.Generator().manual_seed(0))
    assert box_loss(deltas, deltas, kind, ROI_WEIGHTS).item() == pytest.approx(0, abs=1e-4)
    assert box_loss(deltas[:0], deltas[:0], kind, ROI_WEIGHTS).item() == 0
    assert box_loss(deltas, deltas + 1, kind, ROI_WEIGHTS).item() > 0.1


def test_giou_of_an_endless_box_is_finite_and_so_is_its_gradient():
    deltas = torch.tensor([[0.0, 0.0, 1e4, 1e4]], requires_grad=True)
    loss = box_loss(deltas, torch.zeros(1, 4), "giou", ROI_WEIGHTS)
    loss.backward()
    assert loss.isfinite()
    assert deltas.grad.isfinite().all()


def test_a_region_predicted_as_an_unlabelled_garment_is_ignored():
    """Three images with a label of category 1, of 2 and 3, and of 3; of their regions the probabilities are given."""
    targets = [{"labels": torch.tensor(labels)} for labels in ([1], [3, 2, 2], [3])]
    probabilities = torch.tensor(
        [
            [0.1, 0.2, 0.7, 0.0],  # surely 2, which nobody labelled here
            [0.1, 0.7, 0.2, 0.0],  # surely 1, which is labelled: a box beside the garment
            [0.3, 0.2, 0.5, 0.0],  # not more than 0.5
            [0.1, 0.2, 0.7, 0.0],  # it has a label itself
            [0.1, 0.8, 0.1, 0.0],  # the second image, where 2 and 3 are labelled
            [0.1, 0.0, 0.9, 0.0],
            [0.1, 0.0, 0.9, 0.0],  # the third one, where 2 is not
        ]
    )
    labels = torch.tensor([0, 0, 0, 1, 0, 0, 0]).split([4, 2, 1])
    masked = ignore_unlabelled(labels, probabilities.log(), targets, above=0.5)
    assert masked.tolist() == [IGNORED, 0, 0, 1, IGNORED, 0, IGNORED]
    assert ignore_unlabelled(labels, probabilities.log(), targets, above=None).tolist() == [0, 0, 0, 1, 0, 0, 0]


def labels_of(positives, negatives, ignored, seed=0):
    labels = torch.tensor([2] * positives + [0] * negatives + [-1] * ignored)
    return labels[torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))]


def drawn(sampler, labels, seeds):
    sampler.seeds = seeds
    return sampler(labels)


@pytest.mark.parametrize(
    ("positives", "negatives", "wanted"),
    [(50, 200, (16, 48)), (5, 200, (5, 59)), (0, 200, (0, 64)), (50, 10, (16, 10)), (3, 4, (3, 4))],
)
def test_so_many_are_drawn_and_so_many_of_them_positive(positives, negatives, wanted):
    """64, of which a quarter: fewer positives make room for negatives, but not the other way round."""
    labels = labels_of(positives, negatives, ignored=40)
    [positive], [negative] = drawn(SeededSampler(64, 0.25), [labels], [1])
    assert (int(positive.sum()), int(negative.sum())) == wanted
    assert (labels[positive] == 2).all()
    assert (labels[negative] == 0).all()


def test_an_images_draw_depends_on_its_seed_alone():
    """Neither on its batch, nor on its place there, nor on what was drawn before."""
    sampler = SeededSampler(16, 0.5)
    first, second = labels_of(30, 100, 10), labels_of(60, 300, 5, seed=1)
    alone = drawn(sampler, [first], [7])
    torch.rand(3)
    together = drawn(sampler, [second, first], [8, 7])
    assert torch.equal(together[0][1], alone[0][0])
    assert torch.equal(together[1][1], alone[1][0])
    others = drawn(sampler, [first], [8])
    assert not torch.equal(others[0][0], alone[0][0])
    assert not torch.equal(others[1][0], alone[1][0])


def test_every_box_is_drawn_as_often():
    sampler = SeededSampler(20, 0.5)
    labels = labels_of(40, 40, 0)
    counts = sum(torch.stack([p, n]).any(0).int() for s in range(2000) for [p], [n] in [drawn(sampler, [labels], [s])])
    assert counts.min() > 500 - 4 * 20  # four standard deviations of 2000 draws with 1/4
    assert counts.max() < 500 + 4 * 20


def test_seeds_must_be_as_many_as_images():
    with pytest.raises(ValueError, match="zip"):
        drawn(SeededSampler(4, 0.5), [labels_of(2, 2, 0)] * 2, [1])


def proposal_network(kind=ProposalNetwork, keep=10, **more):
    network = kind(
        anchor_generator=AnchorGenerator(((16,), (32,)), ((1.0,),) * 2),
        head=RPNHead(4, 1),
        fg_iou_thresh=0.7,
        bg_iou_thresh=0.3,
        batch_size_per_image=8,
        positive_fraction=0.5,
        pre_nms_top_n={"training": 30, "testing": 30},
        post_nms_top_n={"training": keep, "testing": keep},
        nms_thresh=0.7,
        **more,
    )
    return network.eval()


LEVELS, SHAPES = [60, 20], [(90, 100), (100, 70)]


@pytest.fixture
def candidates():
    """Boxes of two images and two levels, some beyond the border, and their logits."""
    rng = torch.Generator().manual_seed(0)
    corners = torch.rand(2, 80, 2, generator=rng) * 90 - 10
    boxes = torch.cat([corners, corners + 15 + torch.rand(2, 80, 2, generator=rng) * 30], dim=2)
    return boxes, torch.randn(2 * 80, 1, generator=rng)


@pytest.mark.parametrize("keep", [5, 1000])
def test_where_their_sigmoids_differ_proposals_are_torchvisions(candidates, keep):
    boxes, logits = candidates
    ours, theirs = (
        network.filter_proposals(boxes, logits, SHAPES, LEVELS)
        for network in (
            proposal_network(box_loss="l1", keep=keep),
            proposal_network(RegionProposalNetwork, keep=keep),
        )
    )
    for image in (0, 1):
        torch.testing.assert_close(ours[0][image], theirs[0][image])
        torch.testing.assert_close(ours[1][image].sigmoid(), theirs[1][image])


def test_where_their_sigmoids_are_one_the_larger_logit_still_comes_first(candidates):
    boxes, logits = candidates
    sure = 40 + 20 * logits
    assert (sure.sigmoid() == 1).float().mean() > 0.5
    network = proposal_network(box_loss="l1")
    found, scores = network.filter_proposals(boxes, sure, SHAPES, LEVELS)
    expected, _ = network.filter_proposals(boxes, logits, SHAPES, LEVELS)
    for image in (0, 1):
        assert scores[image].tolist() == sorted(scores[image].tolist(), reverse=True)
        assert torch.equal(found[image], expected[image])


def test_proposals_lie_in_their_images_and_have_an_extent(candidates):
    boxes, logits = candidates
    boxes[0, 0] = torch.tensor([200.0, 10.0, 240.0, 50.0])  # wholly beside the image
    boxes[0, 1] = torch.nan
    logits[:2] = 100
    found, _ = proposal_network(box_loss="l1", keep=1000).filter_proposals(boxes, logits, SHAPES, LEVELS)
    for of_image, (height, width) in zip(found, SHAPES, strict=True):
        assert len(of_image) > 5
        assert (of_image >= 0).all()
        assert (of_image <= torch.tensor([width, height, width, height])).all()
        assert (of_image[:, 2:] > of_image[:, :2]).all()


def test_both_losses_are_divided_by_the_number_of_anchors_to_sample():
    """Not by those drawn: 3 of the 2 x 8, at objectness 0 log 2 each; one positive is off by 1 + 2."""
    network = proposal_network(box_loss="l1")
    network.fg_bg_sampler.seeds = [1, 2]
    labels = [torch.tensor([1.0, 0.0, -1.0]), torch.tensor([-1.0, 0.0, -1.0])]
    deltas = torch.zeros(6, 4)
    deltas[0] = torch.tensor([1.0, 0.0, -2.0, 0.0])
    deltas[1:] = 50  # of no positive
    objectness, boxes = network.compute_loss(torch.zeros(6, 1), deltas, labels, [torch.zeros(3, 4)] * 2)
    assert objectness.item() == pytest.approx(3 * 0.6931472 / 16)
    assert boxes.item() == pytest.approx(3 / 16)
