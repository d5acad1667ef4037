"""Tables: the right number in the right cell, in every form."""

from fashiongen.coco.evaluation_records import STATISTICS, ErrorCost, GroupScore
from fashiongen.report.distance_tables import distances_table, measures_table
from fashiongen.report.names import ABSENT
from fashiongen.report.table import Column, Table, to_markdown, to_text
from fashiongen.report.tables import (
    brands_table,
    confusion_table,
    copies_table,
    dcgan_table,
    detector_table,
    errors_table,
    groups_table,
    images_table,
    outcomes_table,
    summary_table,
    types_table,
)

SMALL = Table("Small", (Column("name"), Column("a", "left"), Column("b", "left")), (("first", "1", "22"),))


def cells(table: Table, row: str) -> tuple[str, ...]:
    return next(found[1:] for found in table.rows if found[0] == row)


def test_the_detector_table_has_ours_left_of_the_studys(report_data, published):
    table = detector_table(report_data.detector.statistics, published.detector)
    assert [row[0] for row in table.rows] == [key.replace("_", " ") for key in STATISTICS]
    assert cells(table, "AP") == (".50:.95", "0.400", "0.460", "0.430", "0.647", "0.663", "0.635")
    assert [group for group, _ in table.groups()] == ["", "here", "the study"]


def test_a_scale_without_an_object_has_a_dash(report_data, published):
    table = detector_table(report_data.detector.statistics, published.detector)
    assert cells(table, "AP small")[1:3] == ("–", "0.520")


def test_the_generator_table_has_the_studys_losses(report_data, published):
    table = dcgan_table(report_data.dcgan.variants, published.dcgan)
    assert cells(table, "Loss_G")[3:] == ("2.0062", "2.2091", "2.7983")
    assert cells(table, "Loss_D")[3:] == ("0.5132", "0.5668", "0.6572")
    assert cells(table, "D(x)")[3:] == ("0.6736", "0.6509", "0.6469")
    assert cells(table, "training images")[3:] == ("5,328", "9,940", "5,328")


def test_the_generator_table_has_our_last_epoch(report_data, published):
    ours = report_data.dcgan.variants["original"]
    table = dcgan_table(report_data.dcgan.variants, published.dcgan)
    assert cells(table, "Loss_D")[1] == f"{ours.Loss_D:.4f}"
    assert cells(table, "training images")[1] == "447"


def test_the_images_table_walks_from_scraped_to_cropped(data, crops, published):
    table = images_table(data, crops, published)
    assert cells(table, "images scraped") == ("601", "10,301")
    assert cells(table, "distinct images") == ("559", "9,940")
    assert cells(table, "full-length crops") == ("372", "5,328")
    assert cells(table, "crops of distinct images") == ("67 %", "54 %")


def test_the_types_table_shows_shares_of_each_whole(data, published):
    assert cells(types_table(data, published.deepfashion), "upper") == ("700", "47 %", "139,709", "48 %")


def test_the_outcomes_table_counts_every_pin_once(data):
    seen = [row for row in outcomes_table(data).rows if not row[0].startswith(("removed", "incomplete"))]
    assert sum(int(number) for _, number in seen) == data.pins


def test_the_outcomes_table_says_which_boards_are_incomplete(data):
    assert cells(outcomes_table(data), "incomplete boards: feed failed") == ("1",)


def test_what_the_outcomes_table_removes_is_what_is_not_distinct(data):
    torn = data.model_copy(update={"corrupt": 2, "distinct": data.saved - data.same_file - 24 - 18 - 2})
    gone = [int(number) for name, number in outcomes_table(torn).rows if name.startswith("removed")]
    assert sum(gone) == torn.saved - torn.distinct
    assert cells(outcomes_table(torn), "removed: does not decode") == ("2",)


def test_the_brands_table_has_a_row_for_each_brand(crops):
    assert cells(brands_table(crops), "Kōmori") == ("155", "150", "139", "93")


def test_the_distances_end_with_real_crops(report_data):
    rows = distances_table(report_data.dcgan).rows
    assert rows[0] == ("cropped", "0.0412", "0.0031", "0.61", "0.27", "0.58", "0.44")
    assert rows[-1][:2] == ("real crops", "0.0021")


def test_the_distances_do_without_real_crops_where_there_were_too_few(report_data):
    settings = report_data.dcgan.measurement_settings.model_copy(update={"training_crops": None})
    table = distances_table(report_data.dcgan.model_copy(update={"measurement_settings": settings}))
    assert [row[0] for row in table.rows] == ["cropped", "original", "subset"]


def test_variants_compared_with_cutouts_stand_below_the_others_and_say_so(report_data):
    dcgan = report_data.dcgan
    variants = {"cutout": dcgan.variants["subset"].model_copy(update={"reference": "cutouts"}), **dcgan.variants}
    changed = {"variants": variants, "cutout_settings": dcgan.measurement_settings}
    for table in (distances_table(dcgan.model_copy(update=changed)), measures_table(dcgan.model_copy(update=changed))):
        assert [row[:2] for row in table.rows] == [
            *((name, "held-out crops") for name in ("cropped", "original", "subset", "real crops")),
            ("cutout", "held-out cut-outs"),
            ("real cut-outs", "held-out cut-outs"),
        ]


def test_inceptions_measures_have_a_column_each_where_a_score_has_it(report_data):
    without = measures_table(report_data.dcgan)
    assert not any(column.group == "Inception" for column in without.columns)
    for measured, shown in (
        ({"KID_inception": 0.012}, ["0.012"]),
        ({"KID_inception": 0.012, "FID": 12.5}, ["0.012", "12.5"]),
    ):
        cropped = report_data.dcgan.variants["cropped"].model_copy(update=measured)
        dcgan = report_data.dcgan.model_copy(update={"variants": report_data.dcgan.variants | {"cropped": cropped}})
        table = measures_table(dcgan)
        found = [column.title for column in table.columns if column.group == "Inception"]
        assert found == ["KID", "FID"][: len(shown)]
        last = slice(-1 - len(shown), -1)  # before the sharpness
        assert [list(cells(table, name)[last]) for name in ("cropped", "subset")] == [shown, [ABSENT] * len(shown)]


def test_the_copies_stand_beside_those_among_the_training_images(report_data):
    assert cells(copies_table(report_data.dcgan), "original") == ("3", "1", "4", "2", "1.08", "0.71")


def test_the_summary_names_rows_as_the_metrics_file_does(report_data):
    rows = dict(summary_table(report_data.detector.statistics, report_data.dcgan).rows)
    assert rows["detector.resnet34.AP"] == "0.460"
    assert rows["dcgan.cropped.distance"] == f"{0.0412 / 0.0021:.2f}"
    assert rows["dcgan.cropped.KID"] == "0.0412 ± 0.0031"
    assert rows["dcgan.cropped.SWD"] == f"{report_data.dcgan.variants['cropped'].SWD:.1f}"


def test_markdown_has_a_ruler_and_the_groups_in_its_titles():
    assert to_markdown(SMALL) == "| name | left: a | left: b |\n| --- | ---: | ---: |\n| first | 1 | 22 |"


def test_text_is_aligned_left_by_name_and_right_by_number():
    assert to_text(SMALL) == "name   a   b\n" + "─" * 12 + "\nfirst  1  22"


def test_columns_of_one_group_are_spanned_together():
    assert SMALL.groups() == [("", 1), ("left", 2)]


def test_errors_stand_with_what_they_cost():
    errors = [ErrorCost(error="background", errors=1204, AP50=0.0104), ErrorCost(error="missed", errors=0, AP50=0.0)]
    assert errors_table("resnet18", errors).rows == (("background", "1,204", "+0.010"), ("missed", "0", "+0.000"))


def test_groups_stand_with_the_values_between_which_they_lie():
    row = GroupScore(trait="size", group="small garments", low=0.048, high=0.181, images=1204, AP=0.25, AP50=0.5)
    assert groups_table("resnet18", [row]).rows == (("small garments", "0.05 to 0.18", "0.250", "0.500", "1,204"),)


def test_confusions_stand_in_the_row_of_what_is_there():
    table = confusion_table("resnet18", {("upper", "full"): 1200, ("full", "full"): 3, ("nothing", "lower"): 2})
    assert [column.title for column in table.columns] == ["label", "upper", "lower", "full", "nothing"]
    assert table.rows == (
        ("upper", "0", "0", "1,200", "0"),
        ("lower", "0", "0", "0", "0"),
        ("full", "0", "0", "3", "0"),
        ("nothing", "0", "2", "0", ABSENT),
    )
