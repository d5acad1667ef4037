"""What earlier stages left is read whole, or refused by name."""

import pytest
from PIL import ImageOps

from fashiongen.dcgan.training.records import EpochRecord
from fashiongen.detector.selection import split_selection
from fashiongen.errors import BadInput, MissingInput
from fashiongen.files import write_csv
from fashiongen.images.manifest import DuplicateRecord
from fashiongen.report.read import GRIDS_SHOWN, THUMBNAIL_SIZE_PX, choose_epochs, read_generator, read_removals


def test_the_least_sure_removals_are_shown_beside_what_they_repeat(tmp_path, made_up):
    for number in range(10):
        made_up.draw_garment(number, 40).save(tmp_path / f"{number}.png")
    near = [DuplicateRecord(removed=f"{n}.png", keeper=f"{n + 1}.png", rule="near", distance=n) for n in range(9)]
    named = DuplicateRecord(removed="gone.png", keeper="also gone.png", rule="name", distance=0)
    shown = read_removals(tmp_path, [named, *near])
    assert [one.distance for one in shown] == [8, 7, 6, 5, 4, 3]
    assert shown[0].keeper.tobytes() == ImageOps.fit(made_up.draw_garment(9, 40), THUMBNAIL_SIZE_PX).tobytes()
    assert shown[1].keeper.tobytes() == shown[0].removed.tobytes()


def test_the_steps_shown_are_denser_at_the_start_and_have_both_ends():
    assert choose_epochs(range(1, 101), 4) == [1, 12, 45, 100]


@pytest.mark.parametrize("epochs", [[5], [5, 10], [5, 10, 15]])
def test_few_epochs_are_all_shown_or_their_ends(epochs):
    steps = choose_epochs(epochs, 4)
    assert steps[0] == epochs[0]
    assert steps[-1] == epochs[-1]
    assert len(set(steps)) == len(steps)


def test_a_step_is_the_first_row_of_its_grid(report_data, made_up):
    """Four images of 16 px with two pixels around each: 74 px wide, 20 px high."""
    steps = report_data.generators["cropped"].steps
    assert list(steps) == [2, 4, 6, 12]
    assert {row.size for row in steps.values()} == {(74, made_up.SIDE_PX + 4)}
    grid = made_up.draw_grid(6)
    assert steps[6].tobytes() == grid.crop((0, 0, 74, 20)).tobytes()


def test_the_generated_grid_is_that_of_the_network_that_is_kept(report_data, made_up):
    assert (
        report_data.generators["subset"].shown_grid.tobytes() == made_up.draw_grid(200 + made_up.KEPT_EPOCH).tobytes()
    )


def write(folder, made_up):
    """Both folders of a variant."""
    made_up.write_generator(folder / "cropped", 0)
    made_up.write_evaluation(folder / "evaluation", 0)


def read(folder, made_up, *, kept_epoch):
    query = made_up.make_query("cropped")
    return read_generator(folder / "cropped", folder / "evaluation", kept_epoch=kept_epoch, query=query)


def test_a_kept_epoch_without_a_grid_is_shown_by_the_nearest_that_has_one(tmp_path, made_up):
    write(tmp_path, made_up)
    seen = read(tmp_path, made_up, kept_epoch=3)
    assert seen.shown_epoch in (2, 4)
    assert seen.shown_grid.tobytes() == made_up.draw_grid(seen.shown_epoch).tobytes()


def test_the_kept_epoch_is_among_the_grids_of_a_long_training(tmp_path, made_up):
    write(tmp_path, made_up)
    for epoch in range(14, 201, 2):
        made_up.draw_grid(epoch).save(tmp_path / f"cropped/grids/epoch_{epoch:04d}.png")
    seen = read(tmp_path, made_up, kept_epoch=186)
    assert len(seen.grids) <= GRIDS_SHOWN + 1
    assert seen.shown_epoch == 186


def test_the_detectors_statistics_are_told_from_the_name_of_the_best():
    assert split_selection({"resnet18": {"AP": 0.5}, "best": "resnet18"}) == ("resnet18", {"resnet18": {"AP": 0.5}})


def test_a_variant_without_a_grid_is_refused(tmp_path, made_up):
    with pytest.raises(MissingInput, match="grids: has no grid"):
        read(tmp_path, made_up, kept_epoch=1)


def test_a_history_without_an_epoch_is_refused(tmp_path, made_up):
    write(tmp_path, made_up)
    write_csv(tmp_path / "cropped/history.csv", EpochRecord, [])
    with pytest.raises(BadInput, match=r"history\.csv: has no epoch"):
        read(tmp_path, made_up, kept_epoch=1)


def test_a_variant_that_was_not_evaluated_is_refused(tmp_path, made_up):
    made_up.write_generator(tmp_path / "cropped", 0)
    with pytest.raises(MissingInput, match=r"generated: has no image; run `dvc repro evaluate`"):
        read(tmp_path, made_up, kept_epoch=1)


def test_a_match_holds_the_pictures_that_its_record_names(report_data, made_up):
    match = report_data.generators["cropped"].originality.matches[2]
    pictures = [match.generated, *match.nearest, match.nearest_by_hash]
    assert [picture.tobytes() for picture in pictures] == [made_up.draw_garment(20 + n).tobytes() for n in range(5)]
