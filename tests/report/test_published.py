"""The study's numbers as its text prints them."""

from fashiongen.coco.evaluation_records import STATISTICS

# Table 5.1 in the study's own order: its six rows of average precision, then the six that it calls recall.
RESNET101 = [0.663, 0.896, 0.787, 0.071, 0.393, 0.687, 0.737, 0.764, 0.764, 0.192, 0.611, 0.780]


def test_the_counts_of_images_are_the_studys(published):
    boards = published.boards
    assert (boards.brands, boards.scraped, boards.distinct, boards.cropped) == (20, 10301, 9940, 5328)


def test_the_annotations_and_their_types_add_up(published):
    annotations = published.deepfashion
    assert annotations.train + annotations.val == annotations.images == sum(annotations.types.values()) == 289222


def test_every_backbone_has_the_twelve_statistics_in_order(published):
    for statistics in published.detector.statistics.values():
        assert list(statistics) == list(STATISTICS)
    assert list(published.detector.statistics["resnet101"].values()) == RESNET101


def test_the_best_backbone_is_the_one_with_the_highest_average_precision(published):
    detector = published.detector
    assert detector.best == max(detector.statistics, key=lambda name: detector.statistics[name]["AP"])


def test_recall_at_one_hundred_is_no_less_than_at_one(published):
    """What tells that the rows are average recall at 1, 10 and 100 detections, not recall at rising IoU."""
    for statistics in published.detector.statistics.values():
        assert statistics["AR_1"] < statistics["AR_10"] <= statistics["AR_100"]


def test_the_losses_are_those_of_the_text_not_of_the_misprint(published):
    cropped = published.dcgan.variants["cropped"]
    assert (cropped.Loss_G, cropped.Loss_D, cropped.D_x) == (2.0062, 0.5132, 0.6736)
    assert "0.5139" in published.dcgan.note


def test_a_variant_trained_on_as_many_images_as_the_boards_gave(published):
    variants, boards = published.dcgan.variants, published.boards
    assert variants["original"].images == boards.distinct
    assert variants["cropped"].images == variants["subset"].images == boards.cropped


def test_every_block_names_its_source(published):
    for block in (published.deepfashion, published.boards, published.detector, published.dcgan):
        assert "page" in block.source
