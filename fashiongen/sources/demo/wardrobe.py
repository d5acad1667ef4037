"""Silhouettes by name (silhouettes.yaml), and garments: a cut of a silhouette in a fabric of a brand."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import yaml

from fashiongen.sources.categories import GarmentType
from fashiongen.sources.demo.brands import Brand, Print, Rgb
from fashiongen.sources.demo.cuts import Cut, Garment
from fashiongen.sources.demo.fabrics import Fabric

Options = dict[str, list[object]]  # field of Cut -> its possible values; a design samples one of each


def _read_silhouettes() -> dict[GarmentType, dict[str, tuple[Cut, Options]]]:
    tables = yaml.safe_load((Path(__file__).parent / "silhouettes.yaml").read_text(encoding="utf-8"))
    bases = {name: Cut(**fields) for name, fields in tables["bases"].items()}
    types: tuple[GarmentType, ...] = ("upper", "lower", "full")
    return {kind: {name: (bases[row.pop("cut")], row) for name, row in tables[kind].items()} for kind in types}


SLEEVELESS = ("halter", "straps", "strapless", "one_shoulder")  # necklines that cannot hold a sleeve
BY_TYPE = _read_silhouettes()
SILHOUETTES = {name: silhouette for table in BY_TYPE.values() for name, silhouette in table.items()}


def design_cut(rng: np.random.Generator, name: str, *, hem_y: float | None = None) -> Cut:
    """A random cut of a silhouette; the length varies slightly around the cut's own, or a dress's around `hem_y`."""
    base, options = SILHOUETTES[name]
    chosen = {field: values[int(rng.integers(len(values)))] for field, values in options.items()}
    cut = replace(base, **chosen)  # type: ignore[arg-type]
    if cut.neckline in SLEEVELESS:
        cut = replace(cut, sleeve=None)
    if hem_y is not None and cut.type == "full":
        cut = replace(cut, hem_y=hem_y)
    floor = 0.985 if cut.hem_y < 0.97 else cut.hem_y
    return cut if cut.legs else replace(cut, hem_y=min(cut.hem_y + rng.uniform(-0.02, 0.02), floor))


def design_garment(rng: np.random.Generator, brand: Brand, name: str) -> Garment:
    """A garment of a brand."""
    cut = design_cut(rng, name, hem_y=brand.hem_y)
    fabric = choose_fabric(rng, brand)
    contrast = rng.random() < 0.5
    accent = plain_fabric(rng, brand.accents if contrast else (fabric.colours[-1],), gloss=0.3)
    return Garment(cut, fabric, accent, phase=float(rng.uniform(0, 6.28)))


def plain_garment(rng: np.random.Generator, name: str, palette: tuple[tuple[float, float, float], ...]) -> Garment:
    """A plain garment in one colour of `palette`."""
    fabric = plain_fabric(rng, palette, gloss=0.1)
    return Garment(design_cut(rng, name), fabric, fabric, phase=float(rng.uniform(0, 6.28)))


def choose_fabric(rng: np.random.Generator, brand: Brand) -> Fabric:
    """A fabric of a brand: one of its prints, or a plain colour in one of several finishes."""
    if rng.random() < brand.print_share:
        chosen = brand.prints[int(rng.integers(len(brand.prints)))]
        angle = float(rng.choice([0.0, 0.0, 1.5708, 0.7854])) if chosen.pattern in ("stripes", "pinstripes") else 0.0
        repeat = chosen.repeat * float(rng.choice([0.8, 1.0, 1.25]))
        shine = 0.8 if chosen.pattern in ("sequins", "gradient") else 0.3
        printed = _recolour(rng, brand, chosen)
        return Fabric(chosen.pattern, printed, repeat, angle, shine * brand.gloss, 0.02, int(rng.integers(3)))
    return plain_fabric(rng, brand.palette, gloss=brand.gloss)


def _recolour(rng: np.random.Generator, brand: Brand, chosen: Print) -> tuple[Rgb, ...]:
    """A print's colours, or another colourway: a reversed gradient, or the motif on another ground of the palette."""
    if rng.random() < 0.55 or chosen.pattern == "sequins":
        return chosen.colours
    if chosen.pattern == "gradient":
        return chosen.colours[::-1]
    motif = chosen.colours[1:]
    grounds = [ground for ground in brand.palette if min(_contrast(ground, colour) for colour in motif) > 0.22]
    return (grounds[int(rng.integers(len(grounds)))], *motif) if grounds else chosen.colours


def _contrast(first: Rgb, second: Rgb) -> float:
    """The mean absolute difference of two colours' channels."""
    return sum(abs(a - b) for a, b in zip(first, second, strict=True)) / 3


def plain_fabric(rng: np.random.Generator, palette: tuple[tuple[float, float, float], ...], *, gloss: float) -> Fabric:
    """A fabric of one colour: satin, crêpe, wool or a ribbed knit."""
    colour = palette[int(rng.integers(len(palette)))]
    finish = rng.choice(["satin", "crepe", "wool", "knit"], p=[0.35, 0.35, 0.2, 0.1])
    shine = {"satin": 1.0, "crepe": 0.3, "wool": 0.0, "knit": 0.05}[str(finish)] * gloss
    grain = {"satin": 0.0, "crepe": 0.03, "wool": 0.07, "knit": 0.02}[str(finish)]
    return Fabric("ribs" if finish == "knit" else "plain", (colour,), 0.009, 0.0, shine, grain, 0)
