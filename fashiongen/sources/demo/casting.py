"""Random models: bodies, skin, faces, hair, shoes and accessories."""

import numpy as np

from fashiongen.sources.demo.accessories import Accessories
from fashiongen.sources.demo.body import Build, Stance, strike_pose
from fashiongen.sources.demo.brands import Brand, colours
from fashiongen.sources.demo.cuts import Garment
from fashiongen.sources.demo.figure import Look
from fashiongen.sources.demo.hair import STYLES, Hair
from fashiongen.sources.demo.head import Face
from fashiongen.sources.demo.shoes import Shoes

SKINS = colours("f6dccb f0cdb4 e6b998 d9a47e c48a62 a87048 8a5636 6b4028 4f2e1e")
HAIRS = colours("14100f 1f1613 33211a 4a2c1d 6b3f24 8f5a2e b98545 d9b878 eadbb8 7a2a1c a9a4a0")
EYES = colours("3a2618 5a3c22 4a6b46 3f6f94 6a7a84 2a1a12")
LIPS = colours("b8404a a83246 c4655e 8f2a3a d07a70 b0605a 7a2436")
LIDS = colours("a8786a 8a6a74 b08a7a 6a5a6a c49a7a 5f6f7f")


def cast_build(rng: np.random.Generator) -> Build:
    """A body near the proportions of fashion drawings, slimmer or fuller."""
    fullness = float(np.clip(rng.normal(1.0, 0.05), 0.92, 1.16))
    varied = rng.normal(1, 0.025, 4)
    skin = SKINS[int(rng.integers(len(SKINS)))]
    return Build(
        shoulders=float(0.5 * (1 + fullness) * varied[0]),
        bust=float(fullness * varied[1]),
        waist=float(fullness * varied[2]),
        hips=float(fullness * varied[3]),
        limbs=float(0.35 + 0.65 * fullness),
        skin=skin,
    )


def cast_face(rng: np.random.Generator, build: Build, hair: Hair) -> Face:
    """Features and make-up that suit the skin."""
    depth = sum(build.skin) / 3
    lips = LIPS[int(rng.integers(len(LIPS)))]
    natural = tuple(0.45 * s + 0.55 * c * (0.55 + 0.5 * depth) for s, c in zip(build.skin, lips, strict=True))
    lids = tuple(c * (0.35 + 0.75 * depth) for c in LIDS[int(rng.integers(len(LIDS)))])
    brows = tuple(0.55 * c + 0.02 for c in hair.colour)
    eyes = EYES[int(rng.integers(len(EYES)))] if depth > 0.55 else EYES[0]
    return Face(eyes, natural, lids, brows, jaw=float(rng.uniform(0.92, 1.06)))  # type: ignore[arg-type]


def cast_hair(rng: np.random.Generator, build: Build) -> Hair:
    """A style and a colour; with dark skin the hair is mostly dark."""
    dark = sum(build.skin) / 3 < 0.5
    styles = [style for style in STYLES if dark or style not in ("afro", "braids")]
    colour = HAIRS[int(rng.integers(4 if dark and rng.random() < 0.85 else len(HAIRS)))]
    style = styles[int(rng.integers(len(styles)))]
    return Hair(style, colour, parting=float(rng.uniform(-1, 1)), phase=float(rng.uniform(0, 6.28)))


def cast_shoes(rng: np.random.Generator, brand: Brand, *, flat: bool) -> Shoes:
    """Shoes in the brand's accent colours."""
    heels = ["pump", "pump", "sandal", "sandal", "ankle_boot", "knee_boot"]
    kind = str(rng.choice(["sneaker", "loafer", "ankle_boot"] if flat else heels))
    pair = rng.permutation(len(brand.accents))[:2]
    return Shoes(kind, brand.accents[int(pair[0])], brand.accents[int(pair[1])])


def cast_accessories(rng: np.random.Generator, brand: Brand) -> Accessories:
    """Few accessories: a runway look carries one or none."""
    tone = brand.accents[int(rng.integers(len(brand.accents)))]
    gold = (0.86, 0.72, 0.42)
    roll = rng.random()
    return Accessories(
        bag=tone if roll < 0.14 else None,
        sunglasses=(0.2, 0.18, 0.2) if 0.14 <= roll < 0.22 else None,
        earrings=gold if rng.random() < 0.25 else None,
        necklace=gold if 0.22 <= roll < 0.30 else None,
        hat=tone if 0.30 <= roll < 0.36 else None,
    )


def cast_look(
    rng: np.random.Generator, brand: Brand, garments: tuple[Garment, ...], *, labelled: int, stance: Stance
) -> Look:
    """A model who wears the given garments."""
    build = cast_build(rng)
    hair = cast_hair(rng, build)
    tights = (0.09, 0.08, 0.10) if rng.random() < 0.10 else None
    return Look(
        build=build,
        pose=strike_pose(rng, build, stance),
        face=cast_face(rng, build, hair),
        hair=hair,
        shoes=cast_shoes(rng, brand, flat=rng.random() < 0.15),
        garments=garments,
        labelled=labelled,
        tights=tights,
        accessories=cast_accessories(rng, brand),
    )
