"""The page's words for backbones, statistics, outcomes and queries, and its formats of numbers."""

import re

from fashiongen.images.select import AsManyAs, Count, Draw, QueryParams, Source

ABSENT = "–"
SOURCE_NAMES: dict[Source, str] = {"crops": "crops", "cutouts": "cut-outs", "images": "whole images"}
WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")

IOU_THRESHOLDS = {"AP50": ".50", "AP75": ".75"}  # of the other statistics: averaged over .50:.05:.95


def statistic_labels(key: str) -> tuple[str, str]:
    """One of `coco.evaluation_records.STATISTICS` as (name, IoU): AP_small is ("AP small", ".50:.95")."""
    return key.replace("_", " "), IOU_THRESHOLDS.get(key, ".50:.95")


def backbone_name(key: str) -> str:
    """A backbone as papers write it: resnet50 is ResNet-50, resnext101_32x8d is ResNeXt-101 32x8d."""
    match = re.fullmatch(r"(resnet|resnext)(\d+)(?:_(\w+))?", key)
    if match is None:
        return key
    family = {"resnet": "ResNet", "resnext": "ResNeXt"}[match[1]]
    return f"{family}-{match[2]}" + (f" {match[3]}" if match[3] else "")


def outcome_name(key: str) -> str:
    """A pin's outcome in words: skipped_video is `skipped: video`."""
    head, _, rest = key.partition("_")
    return f"{head}: {rest.replace('_', ' ')}" if rest else head


def query_words(query: QueryParams) -> str:
    """A query in words: `crops labelled full of Maison Aurore, FW26`."""
    label = f" labelled {query.label}" if query.label else ""
    asked = (
        ("", f"{SOURCE_NAMES[query.source]}{label}"),
        (" of ", query.brand),
        (", ", query.season),
        (", with a score from ", query.min_score),
        (", their shorter side from ", f"{query.min_side_px} px" if query.min_side_px else ""),
        (", ", _draw_words(query.draw)),
    )
    return "".join(f"{before}{words}" for before, words in asked if words)


def _draw_words(draw: Draw | None) -> str:
    if draw is None:
        return ""
    if isinstance(draw, AsManyAs):
        return f"drawn at random, as many as there are {query_words(draw.as_many_as)}"
    return f"{count(draw.count) if isinstance(draw, Count) else share(draw.frac)} of them, drawn at random"


def spell(value: int) -> str:
    """A small whole number as a word."""
    return WORDS[value] if value < len(WORDS) else count(value)


def count(value: int) -> str:
    """A whole number with its thousands set apart."""
    return f"{value:,}"


def decimal(value: float | None, digits: int) -> str:
    """A number with a fixed count of digits behind the point, or a dash for None."""
    return ABSENT if value is None else f"{value:.{digits}f}"


def significant(value: float | None) -> str:
    """A number of unknown size with four significant digits, as a power of ten only below 0.0001; a dash for None."""
    if value is None:
        return ABSENT
    return f"{value:.4g}" if value == 0 or abs(value) >= 1e-4 else f"{value:.3e}"


def duration(seconds: float) -> str:
    """A time in words: 48 s, 12 min 5 s, 3 h 20 min."""
    minutes, rest = divmod(round(seconds), 60)
    hours, over = divmod(minutes, 60)
    if hours:
        return f"{hours} h {over} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def megabytes(size: int) -> str:
    """A size in bytes as 0.4 MB, 12 MB, 1,250 MB."""
    return f"{size / 1e6:,.1f} MB" if size < 1e7 else f"{size / 1e6:,.0f} MB"


def percent(part: int, whole: int) -> str:
    """A share in whole percents; a dash if the whole is 0."""
    return f"{100 * part / whole:.0f} %" if whole else ABSENT


def share(value: float) -> str:
    """A share between 0 and 1 in percents with a digit behind the point where it is not whole: 0.015 is 1.5 %."""
    return f"{100 * value:.1f}".removesuffix(".0") + " %"
