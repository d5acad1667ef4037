"""The section `scrape` of params.yaml."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt

from fashiongen.config import Params, Seconds

Timeout = Annotated[float, Field(gt=0, le=3600)]


class ScrapeParams(Params):
    """How far to scroll, how long to wait, how much and how fast to download."""

    boards: Path  # a folder with catalogue.yaml
    on_incomplete: Literal["fail", "keep"]  # whether a board whose end was not reached fails the stage at its end
    story_images: bool  # whether a story whose only page is an image counts as an image
    max_steps: PositiveInt  # scroll steps on one board
    patience_steps: PositiveInt  # scroll steps in a row without a new pin before a board is given up
    known_pins: NonNegativeInt  # so many known pins end the walk over a board that an earlier run walked; 0: none do
    step_viewports: PositiveFloat  # one scroll step; cards are in the page for about 0.7 viewports around what is seen
    settle_timeout_s: Timeout  # the longest wait for something new after a step
    page_timeout_s: Timeout  # the longest wait for a page, its header, the login form or its answer
    feed_interval_s: Seconds  # between pages of a feed that the scraper asks for itself
    window_width_px: Annotated[int, Field(ge=320, le=8192)]
    window_height_px: Annotated[int, Field(ge=320, le=8192)]
    max_downloads: Annotated[int, Field(ge=1, le=256)]  # at once
    requests_per_s: PositiveFloat  # to the image host, over all downloads
    request_timeout_s: Timeout  # of one image, from the request to its last byte
    attempts: Annotated[int, Field(ge=1, le=100)]  # at one image or page of a feed: 1 means no retry
    backoff_s: Seconds  # before the second attempt; doubles from there, plus as much again at random
    max_backoff_s: Seconds  # if the host asks for a longer pause, nothing more is requested from it
    max_bytes: PositiveInt  # of one image
    decode_timeout_s: Timeout  # of one image that was downloaded
    max_megapixels: PositiveFloat  # of one image, and of all that are decoded at the same time
    min_side_px: NonNegativeInt  # an image with a shorter side is skipped
