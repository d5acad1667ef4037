"""The tables of images that stages pass on: scraped pins, distinct images, duplicates, crops, training sets."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from fashiongen.coco.garment_types import GarmentType
from fashiongen.files import FileName

Split = Literal["train", "held_out"]
MaskVerdict = Literal["ok", "empty", "full", "torn", "unsure"]


class PinRecord(BaseModel):
    """One row of `data/scraped/pins.csv`: a pin of a board, whether its image was saved or not."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pin_id: str
    board: str  # its url
    brand: str
    season: str
    pinned_on: str = ""  # the day in UTC, as in 2026-01-24; empty where the site does not say it
    section: str  # of the board; empty outside of all sections
    title: str
    link: str
    signature: str  # the site's name for the image: the same on every board that shows it
    file: FileName  # below data/scraped: images/aurore/<signature>.jpg, with a shard before the name; empty: not saved
    width_px: int | None
    height_px: int | None
    bytes: int | None
    sha256: str
    outcome: str  # saved, saved_736x, skipped_video, skipped_story, failed_...


# Why collecting an entry of the catalogue ended. At its `end`, or with the `max_pins` that were asked for, it is
# complete. The page of a board goes on for `patience_steps` without a new pin, or up to a `limit` of the params; its
# feed can fail, slow down or lead back; the board can be unknown, empty or without its page; the session can be over
# before it.
Ending = Literal[
    "end",
    "max_pins",
    "limit",
    "patience",
    "feed_failed",
    "throttled",
    "looped",
    "not_found",
    "empty",
    "page_failed",
    "browser_failed",
    "session_ended",
]


COMPLETE: tuple[Ending, ...] = ("end", "max_pins")


class BoardRecord(BaseModel):
    """One row of `data/scraped/boards.csv`: an entry of the catalogue, what was found there, and why not more."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    board: str  # its url, or the path of photographs
    brand: str
    season: str
    expected: int | None  # what the board's page says: often more than there are
    found: int
    saved: int
    skipped: int
    failed: int
    reasons: str  # of what was skipped or failed, as in `failed_timeout 1, skipped_video 2`
    ending: Ending
    detail: str  # what the site or the browser said, if the board has no page

    @property
    def is_complete(self) -> bool:
        """Whether its end was reached, or all pins that the catalogue wants."""
        return self.ending in COMPLETE


class ImageRecord(BaseModel):
    """One row of `data/pinterest/manifest.csv`: an image that survived the removal of duplicates."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: FileName  # below data/pinterest/images; in a shard, as in 000012.zip/<signature>.jpg, or a file of its own
    pin_id: str
    brand: str
    board: str
    season: str
    pinned_on: str = ""  # PinRecord.pinned_on
    title: str
    width_px: int
    height_px: int
    sha256: str
    split: Split  # no generator trains on held_out images: generated images are compared with them


class DuplicateRecord(BaseModel):
    """One row of `data/pinterest/duplicates.csv`: a file that was left out, and the one kept in its place.

    The keeper of a duplicate by name may itself be left out, as a near-duplicate of a better image in another row.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    removed: FileName  # below data/scraped, as is the keeper
    keeper: FileName
    rule: Literal["name", "near"]
    distance: int  # Hamming distance of the 64-bit hashes; 0 by name


class CorruptRecord(BaseModel):
    """One row of `data/pinterest/corrupt.csv`: a file that was left out because it does not decode."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: FileName  # below data/scraped
    reason: str


class TrainingImage(BaseModel):
    """One row of `reports/dcgan/<variant>/training_set.csv`: an image that a variant trains on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: FileName  # below the folder of images of the query's source
    sha256: str


class CropRecord(BaseModel):
    """One row of `data/crops/crops.csv`: a garment cut out of an image; the box is in the source's pixels.

    `mask` and `mask_certainty` are None where cut-outs are off, the values of the cut-out also where its mask failed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: FileName  # below data/crops/images; where the source is in a shard, in the shard of the same name
    source: FileName  # ImageRecord.file
    pin_id: str
    brand: str
    board: str
    season: str
    pinned_on: str = ""  # PinRecord.pinned_on
    title: str
    label: GarmentType
    score: float
    x_px: float
    y_px: float
    w_px: float
    h_px: float
    width_px: int  # of the crop
    height_px: int
    sha256: str  # of the crop
    split: Split  # the source's
    mask: MaskVerdict | None  # ok, or why the mask of the garment failed
    mask_certainty: float | None  # 0 to 1
    cutout_width_px: int | None
    cutout_height_px: int | None
    cutout_sha256: str | None  # of the file of the crop's name below data/crops/cutouts
