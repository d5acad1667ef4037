"""What trends could be measured of, and what was left out."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from fashiongen.images.manifest import CropRecord
from fashiongen.trends.params import TrendsParams
from fashiongen.trends.records import ALL, ChangeRecord, ForecastRecord, GarmentRecord, LeadRecord
from fashiongen.trends.seasons import parse_season
from fashiongen.trends.series import Group
from fashiongen.trends.timeline import Timeline


class Findings(NamedTuple):
    """What the series of the brands tell."""

    timelines: Sequence[Timeline]
    changes: Sequence[ChangeRecord]
    leads: Sequence[LeadRecord]
    forecasts: Sequence[ForecastRecord]


def sum_up(found: Findings) -> dict[str, Any]:
    """What was found, for `metrics/trends.json`: the middle of the forecasts' MASE, None without forecasts."""
    rows = found.forecasts

    def middle(values: Iterable[float]) -> float | None:
        known = list(values)
        return round(float(np.median(known)), 4) if known else None

    return {
        "changes": sum(row.change != "none" for row in found.changes),
        "changes_tested": len(found.changes),
        "leads": sum(row.is_found for row in found.leads),
        "leads_tested": len(found.leads),
        "forecasts": len(rows),
        "forecasts_better_than_baselines": sum(row.beats_baselines for row in rows),
        "series_without_forecast": len(found.timelines) - len(rows),
        "forecast_mase": middle(row.mase for row in rows),
        "last_season_mase": middle(row.mase_last for row in rows),
        "forecast_covered_frac": round(float(np.mean([row.covered_frac for row in rows])), 4) if rows else None,
    }


def count_trends(
    crops: Sequence[CropRecord],
    garments: Sequence[GarmentRecord],
    groups: Mapping[Group, Sequence[GarmentRecord]],
    params: TrendsParams,
) -> dict[str, Any]:
    """The numbers of `metrics/trends.json`."""
    of_brands = {group: len(members) for group, members in groups.items() if group[0] != ALL}
    without_cutout = sum(crop.mask != "ok" for crop in crops)
    return {
        "garments": len(garments),
        "without_cutout": without_cutout,
        "too_small": len(crops) - without_cutout - len(garments),
        "season_from_pin": sum(garment.season_from == "pin" for garment in garments),
        "without_season": sum(parse_season(garment.season) is None for garment in garments),
        "brands": len({brand for brand, _ in of_brands}),
        "seasons": len({season for _, season in of_brands}),
        "brand_seasons": len(of_brands),
        "brand_seasons_without_interval": sum(count < params.min_garments for count in of_brands.values()),
    }
