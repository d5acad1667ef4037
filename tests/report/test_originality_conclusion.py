"""The answer in words: equal shares are likeness, a clearly larger one is copying."""

import pytest

from fashiongen.evaluation.comparisons import excess_of_copies
from fashiongen.report.originality_conclusion import conclude_originality


@pytest.fixture
def conclude(report_data):
    def conclude_for(**counts: tuple[int, int, int, int, float]):
        """The conclusion for variants by their near-copies: by features, of 300 training images, and both by hash."""
        variants = {}
        for name, (near, training_near, alike, training_alike, closest_ratio) in counts.items():
            changed = {
                "images": 300,
                "near_copies": max(near, alike),
                "near_copies_by_features": near,
                "training_near_copies_by_features": training_near,
                "near_copies_by_hash": alike,
                "training_near_copies_by_hash": training_alike,
                "closest_ratio": closest_ratio,
            }
            variants[name] = report_data.dcgan.variants["cropped"].model_copy(update=changed)
        return conclude_originality(report_data.dcgan.model_copy(update={"variants": variants}))

    return conclude_for


def test_the_excess_is_the_z_of_two_proportions():
    """By hand: 30 of 300 against 10 of 200 is (0.1 - 0.05) / sqrt(0.08 * 0.92 * (1/300 + 1/200)) = 2.0189."""
    assert excess_of_copies(30, 300, training_near=10, training=200) == pytest.approx(0.05 / (0.0736 / 120) ** 0.5)


@pytest.mark.parametrize(("near", "training_near"), [(0, 0), (512, 300)])
def test_none_or_all_in_both_sets_is_no_excess_of_copies(near, training_near):
    assert excess_of_copies(near, 512, training_near=training_near, training=300) == 0


NONE = (0, 3, 0, 0, 0.8)
FEW = (5, 3, 0, 0, 0.8)
BY_FEATURES = (60, 3, 512, 300, 0.3)
BY_HASH = (0, 3, 60, 0, 0.8)
ONE_OUTRIGHT = (1, 3, 0, 0, 0.02)


@pytest.mark.parametrize(
    ("counts", "headline"),
    [
        ({"a": NONE}, "No: not one near-copy."),
        ({"a": FEW}, "No more than the training images resemble each other."),
        ({"a": BY_FEATURES}, "Yes: a does."),
        ({"a": BY_HASH}, "Yes: a does."),
        ({"a": ONE_OUTRIGHT}, "Yes: a does."),
        ({"a": BY_FEATURES, "b": NONE, "c": BY_HASH}, "Yes: a and c do."),
        ({"a": BY_FEATURES, "b": BY_HASH, "c": ONE_OUTRIGHT}, "Yes: a, b and c do."),
    ],
)
def test_the_headline_names_who_copies(conclude, counts, headline):
    assert conclude(**counts).headline == headline


def test_each_variant_has_its_counts_and_what_they_mean(conclude):
    found = conclude(few=FEW, many=BY_FEATURES, by_hash=BY_HASH, one=ONE_OUTRIGHT)
    few, many, by_hash, one = found.sentences
    assert few.startswith("The generator few shows no copying. By features, 1 % of its 512 images are near-copies")
    assert "and 1 % of its 300 training images are as near to another training image" in few
    more = "clearly more near-copies than the training images have among themselves"
    assert f"many copies: it has {more}. By features, 11.7 % of its 512" in many
    assert f"by_hash copies: it has {more}. By hash, 11.7 % of its 512" in by_hash
    assert "one made at least one copy" in one
    assert "the smallest distance 0.02 times" in one
