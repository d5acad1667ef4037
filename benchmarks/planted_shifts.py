"""Whether trends found the changes that the demo's seasons were drawn with, and no others.

    python benchmarks/planted_shifts.py --repository .

Run it in a repository whose demo has run. data/demo/truth/shifts.csv says what was planted: brands whose garments get
darker or lighter, hems that rise, dots that come and go, a brand that does what another did a season before. A planted
change is found if a measure of it has one in data/trends/changes.csv. Other measures of a brand may follow from it (a
darker brand has more black); what changes in a measure that cannot is a false alarm, and so is each lead but the
planted one.
"""

import argparse
from collections import defaultdict
from pathlib import Path

import numpy as np
from measure import print_table

from fashiongen.files import read_csv
from fashiongen.sources.demo.seasons import Kind, Shift
from fashiongen.trends.colours import FAMILIES
from fashiongen.trends.records import ALL, PATTERN_KINDS, ChangeRecord, ForecastRecord, LeadRecord

COLOURS = {"lightness", "chroma", "oklab_a", "oklab_b", *(f"{family}_share" for family in FAMILIES)}
PATTERNS = {"patterned_frac", *(f"{kind}_frac" for kind in PATTERN_KINDS)}
LENGTHS = {"length_to_waist", "height_to_width", "hem_to_waist", "short_frac", "long_frac"}
FOUND_BY: dict[Kind, set[str]] = {"tone": {"lightness"}, "hem_y": {"length_to_waist"}, "dots_frac": {"dots_frac"}}
FOLLOWING: dict[Kind, set[str]] = {
    "tone": COLOURS,
    "hem_y": LENGTHS,
    "dots_frac": PATTERNS | COLOURS,
}  # dots: their colours


def find_followers(planted: dict[str, list[Shift]]) -> set[tuple[str, str]]:
    """(leader, follower) of the brands of which one has the other's values a season later."""
    values = {brand: [shift.value for shift in shifts] for brand, shifts in planted.items()}
    return {
        (leader, follower)
        for leader, before in values.items()
        for follower, after in values.items()
        if leader != follower and planted[leader][0].kind == planted[follower][0].kind and after[1:] == before[:-1]
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repository", type=Path, default=Path())
    root: Path = parser.parse_args().repository
    planted: dict[str, list[Shift]] = defaultdict(list)
    for shift in read_csv(root / "data/demo/truth/shifts.csv", Shift):
        planted[shift.brand].append(shift)
    changes = [row for row in read_csv(root / "data/trends/changes.csv", ChangeRecord) if row.brand != ALL]
    rows = []
    for brand, shifts in planted.items():
        kind = shifts[0].kind
        changed = {row.measure: row for row in changes if row.brand == brand and row.change != "none"}
        found = [f"{changed[name].change} (tau {changed[name].tau:.2f})" for name in FOUND_BY[kind] if name in changed]
        alarms = sorted(set(changed) - FOLLOWING[kind])
        rows.append([brand, kind, ", ".join(found) or "not found", str(len(changed)), ", ".join(alarms) or "none"])
    print_table(["brand", "planted", "found", "changes in all", "false alarms"], rows)
    leads = [row for row in read_csv(root / "data/trends/leads.csv", LeadRecord) if row.is_found]
    followers = find_followers(planted)
    told = [
        [
            f"{row.follower} follows {row.leader} by {row.lag_seasons} in {row.measure}",
            f"{row.correlation:.2f} ({row.low:.2f} to {row.high:.2f})",
            "planted" if (row.leader, row.follower) in followers and row.lag_seasons == 1 else "false alarm",
        ]
        for row in leads
    ]
    print_table(["lead", "correlation of the changes", "truth"], told)
    forecasts = read_csv(root / "data/trends/forecasts.csv", ForecastRecord)
    if forecasts:
        middle = [float(np.median([getattr(row, name) for row in forecasts])) for name in ("mase", "mase_last")]
        covered = float(np.mean([row.covered_frac for row in forecasts]))
        better = sum(row.beats_baselines for row in forecasts)
        print_table(
            ["forecasts", "median MASE", "of last season", "within the 80 % interval", "better than all baselines"],
            [[str(len(forecasts)), *(f"{value:.2f}" for value in (*middle, covered)), str(better)]],
        )


if __name__ == "__main__":
    main()
