from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from fashiongen.boards.archive import Archive
from fashiongen.boards.catalogue import Board
from fashiongen.boards.content import Inspector
from fashiongen.boards.downloads import Downloads
from fashiongen.boards.fetch import Download
from fashiongen.boards.pins import Pin
from fashiongen.boards.records import (
    describe_entry,
    explain_entry,
    finish_download,
    require_complete,
    require_some,
    start_download,
)
from fashiongen.errors import DownloadFailed, IncompleteBoards, SiteError
from fashiongen.images.manifest import Ending, PinRecord

BOARD = Board(brand="Maison Aurore", season="SS26", url="/aurore/runway-ss26/")
SIGNATURE = "0123456789abcdef0123456789abcdef"
INSPECTOR = Inspector(max_megapixels=80.0, timeout_s=30.0)
PIN = Pin("5770", "image", "A coat", "https://x.test/", SIGNATURE, "o", "r", 1000, 1500)


class Ready(Downloads):
    """Downloads of which each is the same, and over."""

    def __init__(self, future):
        self.future = future

    def submit(self, pin):
        return self.future


@pytest.fixture
def row_of(tmp_path):
    """The row of a pin whose download ends as given: with bytes of a size, or with a failure."""

    def row(pin, content=b"", size="originals", failure=None):
        future = Future()
        if failure:
            future.set_exception(failure)
        elif content:
            archive = Archive(tmp_path / "kept", INSPECTOR)
            future.set_result(archive.store(SIGNATURE, size, Download(content, INSPECTOR.inspect(content))))
        started = start_download(pin, Ready(future), min_side_px=64, story_images=True)
        finished = finish_download(started, BOARD, min_side_px=64)
        assert finished.read() == (content if finished.record.file else b"")
        return finished.record

    return row


def test_a_saved_image_has_the_files_own_facts(row_of, draw_jpeg):
    content = draw_jpeg(0.3, (200, 300))
    row = row_of(PIN, content)
    assert row.file == f"images/maison-aurore/{SIGNATURE}.jpg"
    assert (row.width_px, row.height_px, row.bytes, row.outcome) == (200, 300, len(content), "saved")
    assert (row.pin_id, row.board, row.brand, row.season) == ("5770", BOARD.url, BOARD.brand, BOARD.season)


def test_the_reduced_image_is_named_as_such(row_of, draw_jpeg):
    assert row_of(PIN, draw_jpeg(0.3), size="736x").outcome == "saved_736x"


def test_a_failure_is_a_row_with_its_reason(row_of):
    row = row_of(PIN, failure=DownloadFailed("http_403", transient=False))
    assert (row.outcome, row.file, row.bytes, row.sha256) == ("failed_http_403", "", None, "")
    assert (row.width_px, row.height_px, row.signature) == (1000, 1500, SIGNATURE)


def test_an_error_of_another_kind_is_not_hidden(row_of):
    with pytest.raises(ZeroDivisionError):
        row_of(PIN, failure=ZeroDivisionError())


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({"kind": "video"}, "skipped_video"),
        ({"kind": "story"}, "skipped_story"),
        ({"signature": None}, "failed_no_image"),
        ({"width_px": 63}, "skipped_small"),
    ],
)
def test_an_image_that_is_not_saved_is_not_requested(row_of, change, outcome):
    assert row_of(replace(PIN, **change), failure=AssertionError("asked")).outcome == outcome


def test_an_image_smaller_than_the_feed_said_is_not_kept(row_of, draw_jpeg, tmp_path):
    row = row_of(PIN, draw_jpeg(0.3, (200, 63)))
    assert (row.outcome, row.file) == ("skipped_small", "")
    assert not (tmp_path / "scraped").exists()


def test_the_summary_counts_every_pin_once(row_of, draw_jpeg):
    rows = [row_of(PIN, draw_jpeg(0.3)), row_of(replace(PIN, kind="video")), row_of(replace(PIN, kind="story"))]
    rows += [row_of(PIN, draw_jpeg(0.3), size="736x"), row_of(PIN, failure=DownloadFailed("timeout", transient=True))]
    record = describe_entry(BOARD, BOARD.url, rows, expected=8945, ending="end")
    assert (record.found, record.saved, record.skipped, record.failed) == (5, 2, 2, 1)
    assert record.reasons == "failed_timeout 1, saved_736x 1, skipped_story 1, skipped_video 1"
    assert explain_entry(record) == f"{BOARD.url}: {record.reasons}"
    assert explain_entry(describe_entry(BOARD, BOARD.url, rows[:1], expected=1, ending="end")) == ""


def entry(ending, detail="", found=1):
    rows = [PinRecord.model_construct(outcome="saved")] * found
    return describe_entry(BOARD, BOARD.url, rows, expected=None, ending=ending, detail=detail)


@pytest.mark.parametrize("ending", sorted(set(get_args(Ending)) - {"end", "max_pins"}))
def test_a_board_whose_end_was_not_reached_is_called_incomplete(ending):
    record = entry(ending, "the site said no")
    assert not record.is_complete
    assert explain_entry(record) == f"{BOARD.url}: INCOMPLETE ({ending}): the site said no"
    with pytest.raises(IncompleteBoards, match=rf"1 of 2 boards .* \({ending}\); boards\.csv has them all"):
        require_complete([entry("end"), record], table=Path("boards.csv"))
    require_complete([entry("end"), entry("max_pins")], table=Path("boards.csv"))


def test_a_scrape_without_a_pin_says_why():
    with pytest.raises(SiteError, match=r"no board has a pin: .* not_found \(no such board\); correct the urls"):
        require_some([entry("not_found", "no such board", found=0)])
    require_some([entry("not_found", found=0), entry("end")])
    require_some([])
