"""What trends could be measured of, and what was left out."""

from collections.abc import Mapping, Sequence
from typing import Any

from fashiongen.images.manifest import CropRecord
from fashiongen.trends.params import TrendsParams
from fashiongen.trends.records import ALL, GarmentRecord
from fashiongen.trends.seasons import parse_season
from fashiongen.trends.series import Group


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
        "without_season": sum(parse_season(garment.season) is None for garment in garments),
        "brands": len({brand for brand, _ in of_brands}),
        "seasons": len({season for _, season in of_brands}),
        "brand_seasons": len(of_brands),
        "brand_seasons_without_interval": sum(count < params.min_garments for count in of_brands.values()),
    }
