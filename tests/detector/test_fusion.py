"""The boxes of several views of an image: equal ones change nothing, and mirroring an image mirrors what is found."""

import pytest
import torch
from PIL import Image, ImageOps

from fashiongen.detector.data.targets import ImageFile
from fashiongen.detector.engines.engine import get_engine
from fashiongen.detector.fusion import Found, fuse, mirror
from fashiongen.detector.inference import Detector, detect
from fashiongen.detector.networks.purpose import ForInference

ANY = {"min_score": 0.0, "most": 10}
NOTHING = Found(torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64), torch.zeros(0))


def found(*rows):
    """Rows of x1, y1, x2, y2, label, score."""
    table = torch.tensor(rows, dtype=torch.float64)
    return Found(table[:, :4], table[:, 4].long(), table[:, 5])


def same(one, other):
    for ours, theirs in zip(one, other, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-6)


COAT, HAT = (10, 10, 50, 90, 3, 0.8), (20, 0, 30, 10, 1, 0.4)


def test_what_a_single_view_shows_is_left_as_it_is():
    crowded = found(COAT, (11, 10, 50, 90, 3, 0.7))
    assert fuse([crowded], min_score=0.9, most=1) is crowded


@pytest.mark.parametrize("views", [2, 3, 5])
def test_equal_views_are_as_one(views):
    same(fuse([found(COAT, HAT)] * views, **ANY), found(COAT, HAT))


def test_boxes_of_one_garment_are_averaged_by_their_scores():
    """(0.6 * 10 + 0.2 * 18) / 0.8 = 12, and (0.6 + 0.2) / 2 = 0.4."""
    views = [found((10, 10, 50, 90, 3, 0.6)), found((18, 10, 50, 90, 3, 0.2))]
    same(fuse(views, **ANY), found((12, 10, 50, 90, 3, 0.4)))


def test_a_view_that_misses_a_garment_takes_its_share_of_the_score():
    same(fuse([found(COAT), NOTHING, NOTHING, NOTHING], **ANY), found((*COAT[:5], 0.2)))
    same(fuse([NOTHING, NOTHING], **ANY), NOTHING)


def test_other_types_and_boxes_that_hardly_overlap_stay_apart():
    """The second overlaps the first by a half, which is less than 0.55."""
    views = [found((0, 0, 10, 30, 3, 0.8)), found((0, 0, 10, 15, 3, 0.6)), found((0, 0, 10, 30, 1, 0.4))]
    fused = fuse(views, **ANY)
    assert fused.labels.tolist() == [3, 3, 1]
    assert fused.scores.tolist() == pytest.approx([0.8 / 3, 0.2, 0.4 / 3])


def test_two_boxes_of_one_view_are_no_more_sure_than_the_better_one():
    views = [found(COAT, (*COAT[:5], 0.7)), found((*COAT[:5], 0.6))]
    assert fuse(views, **ANY).scores.tolist() == pytest.approx([0.8])


def test_the_best_come_first_and_the_limits_hold_after_fusing():
    """Of 0.9 and 0.8, of 0.7 and none, and of 0.6 and 0.5."""
    apart = [(40.0 * place, 0, 40.0 * place + 30, 30, 2) for place in range(3)]
    views = [
        found((*apart[0], 0.9), (*apart[1], 0.7), (*apart[2], 0.6)),
        found((*apart[0], 0.8), (*apart[2], 0.5)),
    ]
    assert fuse(views, **ANY).boxes_xyxy[:, 0].tolist() == [0, 80, 40]
    assert len(fuse(views, min_score=0.4, most=10).scores) == 2
    assert fuse(views, min_score=0.0, most=1).scores.tolist() == pytest.approx([0.85])


def test_the_order_of_the_views_does_not_matter():
    rng = torch.Generator().manual_seed(3)
    corners = torch.rand(3, 8, 2, generator=rng) * 40
    views = [
        Found(
            torch.cat([of_view, of_view + 20 + 30 * torch.rand(8, 2, generator=rng)], dim=1),
            torch.arange(8) % 3 + 1,
            torch.rand(8, generator=rng),
        )
        for of_view in corners
    ]
    same(fuse(views, **ANY), fuse(views[::-1], **ANY))


def test_a_mirror_image_twice_is_the_image():
    same(mirror(found(COAT, HAT), 64.0), found((14, 10, 54, 90, 3, 0.8), (34, 0, 44, 10, 1, 0.4)))
    same(mirror(mirror(found(COAT, HAT), 64.0), 64.0), found(COAT, HAT))


@pytest.fixture
def build_detector(model, infer, fabric, engine):
    """With random weights, of which every box is reported."""

    def build(**changes):
        params = infer.model_copy(update={"min_score": 0.0, **changes})
        torch.manual_seed(5)
        network = get_engine(engine).build("resnet18", model, ForInference(params), categories=3).eval()
        return Detector(network, model, params, fabric)

    return build


def boxes_of(detector, path):
    [of_image] = detect(detector, [ImageFile(1, path)])
    return sorted((one.category_id, one.score, *one.bbox) for one in of_image)


def test_the_mirror_image_of_a_photograph_has_the_mirrored_boxes(build_detector, data, tmp_path):
    """In two views; a single one finds other boxes in the mirror image, as the network is not symmetric."""
    path, mirrored = data.images[0].path, tmp_path / "mirrored.png"
    with Image.open(path) as image:
        ImageOps.mirror(image).save(mirrored)
    both = build_detector(mirrored=True)
    there, here = boxes_of(both, mirrored), boxes_of(both, path)
    assert len(here) > 0
    back = sorted((label, score, 64 - x - width, y, width, height) for label, score, x, y, width, height in there)
    for ours, theirs in zip(here, back, strict=True):
        assert theirs == pytest.approx(ours, abs=1e-3)
    one_view = build_detector()
    assert [row[1] for row in boxes_of(one_view, mirrored)] != pytest.approx(
        [row[1] for row in boxes_of(one_view, path)]
    )


def test_boxes_of_every_scale_are_in_the_pixels_of_the_file(build_detector, data):
    """Pictures are 64 x 96; at double size a random network finds boxes all over them, and none beside."""
    for scales in ((2.0,), (0.5, 1.0, 2.0)):
        rows = boxes_of(build_detector(scales=scales, mirrored=True), data.images[0].path)
        assert len(rows) > 0
        for _, _, x, y, width, height in rows:
            assert x >= -1e-3 and x + width <= 64 + 1e-3
            assert y >= -1e-3 and y + height <= 96 + 1e-3
        assert max(x + width for _, _, x, _, width, _ in rows) > 32


def test_workers_look_at_all_views(build_detector, data):
    views = {"scales": (0.75, 1.0), "mirrored": True}
    alone, with_workers = (list(detect(build_detector(**views, workers=n), data.images[:7])) for n in (0, 1))
    assert with_workers == alone
