"""The cut of a garment: necklines, skirts, legs and sleeves by name, and the measures of each."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from fashiongen.sources.categories import GarmentType
from fashiongen.sources.demo.body import Build, Pose
from fashiongen.sources.demo.fabrics import Fabric


class Neckline(NamedTuple):
    """The top edge: its position at the neck (x, y) and at the centre front (depth)."""

    x: float
    y: float
    depth: float
    shape: Literal["round", "straight", "square", "sweetheart"]


NECKLINES: dict[str, Neckline] = {
    "crew": Neckline(0.031, 0.157, 0.171, "round"),
    "scoop": Neckline(0.043, 0.160, 0.208, "round"),
    "v": Neckline(0.034, 0.157, 0.232, "straight"),
    "deep_v": Neckline(0.040, 0.159, 0.282, "straight"),
    "boat": Neckline(0.060, 0.163, 0.171, "round"),
    "square": Neckline(0.047, 0.161, 0.205, "square"),
    "turtleneck": Neckline(0.024, 0.150, 0.160, "round"),
    "collar": Neckline(0.027, 0.155, 0.185, "straight"),
    "lapel": Neckline(0.032, 0.156, 0.245, "straight"),
    "halter": Neckline(0.020, 0.146, 0.172, "straight"),
    "strapless": Neckline(0.030, 0.208, 0.218, "sweetheart"),
    "straps": Neckline(0.040, 0.206, 0.216, "sweetheart"),
    "off_shoulder": Neckline(0.080, 0.190, 0.202, "round"),
    "one_shoulder": Neckline(0.050, 0.160, 0.205, "straight"),
}

SKIRTS: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {  # share of the length, spread per length
    "pencil": ((0.0, 0.3, 1.0), (0.0, 0.035, 0.005)),
    "column": ((0.0, 0.3, 1.0), (0.01, 0.045, 0.055)),
    "slip": ((0.0, 0.3, 0.7, 1.0), (0.0, 0.040, 0.060, 0.115)),
    "a_line": ((0.0, 0.25, 1.0), (0.0, 0.085, 0.285)),
    "full": ((0.0, 0.15, 0.5, 1.0), (0.02, 0.130, 0.280, 0.400)),
    "ball": ((0.0, 0.12, 0.45, 1.0), (0.03, 0.170, 0.330, 0.420)),
    "mermaid": ((0.0, 0.25, 0.58, 0.70, 1.0), (0.0, 0.040, 0.012, 0.045, 0.255)),
    "cocoon": ((0.0, 0.35, 0.7, 1.0), (0.03, 0.130, 0.120, 0.060)),
    "tulip": ((0.0, 0.3, 0.7, 1.0), (0.02, 0.120, 0.070, 0.010)),
    "straight": ((0.0, 0.3, 1.0), (0.03, 0.060, 0.085)),
}

LEGS: dict[str, tuple[float, float, float, float]] = {  # half widths at thigh, knee and hem; where the hem is
    "skinny": (0.040, 0.0265, 0.0175, 0.930),
    "slim": (0.041, 0.0310, 0.0235, 0.935),
    "straight": (0.043, 0.0370, 0.0345, 0.962),
    "wide": (0.046, 0.0560, 0.0720, 0.978),
    "palazzo": (0.048, 0.0720, 0.1000, 0.982),
    "flare": (0.041, 0.0310, 0.0640, 0.978),
    "jogger": (0.044, 0.0380, 0.0200, 0.920),
    "capri": (0.041, 0.0290, 0.0260, 0.800),
    "culottes": (0.047, 0.0660, 0.0800, 0.790),
    "bermuda": (0.044, 0.0400, 0.0400, 0.650),
    "shorts": (0.046, 0.0500, 0.0500, 0.545),
}


class Sleeve(NamedTuple):
    """How far down the arm (1 is the wrist), and half widths at the shoulder, half way, and at the end."""

    reach: float
    widths: tuple[float, float, float]
    cuff: float  # half width of a gathered cuff; 0 for none


SLEEVES: dict[str, Sleeve] = {
    "cap": Sleeve(0.16, (0.024, 0.026, 0.025), 0.0),
    "short": Sleeve(0.34, (0.025, 0.025, 0.025), 0.0),
    "flutter": Sleeve(0.34, (0.024, 0.034, 0.046), 0.0),
    "puff": Sleeve(0.34, (0.026, 0.044, 0.026), 0.021),
    "elbow": Sleeve(0.52, (0.025, 0.023, 0.023), 0.0),
    "three_quarter": Sleeve(0.78, (0.024, 0.020, 0.019), 0.0),
    "long": Sleeve(1.0, (0.024, 0.0195, 0.0150), 0.0),
    "coat": Sleeve(1.02, (0.029, 0.0255, 0.0225), 0.0),
    "bell": Sleeve(0.96, (0.023, 0.021, 0.044), 0.0),
    "bishop": Sleeve(0.98, (0.024, 0.027, 0.036), 0.0125),
    "kimono": Sleeve(0.80, (0.038, 0.046, 0.058), 0.0),
    "leg_of_mutton": Sleeve(1.0, (0.042, 0.028, 0.0130), 0.0),
}


@dataclass(frozen=True)
class Cut:
    """The pattern pieces of one garment."""

    type: GarmentType
    neckline: str
    sleeve: str | None
    skirt: str | None
    legs: str | None
    waist_y: float
    hem_y: float
    ease: float  # distance between cloth and body, figure units
    cinch: float  # 1 follows the waist, 0 falls straight past it
    front: Literal["plain", "buttons", "double", "wrap", "zip", "open"]
    collar: Literal["none", "shirt", "notch", "funnel", "hood", "bow"]
    belt: Literal["none", "belt", "sash", "seam"]
    hem: Literal["plain", "slit", "ruffle", "tiers", "slant", "band"]
    folds: float  # 0 stiff to 1 flowing
    pockets: bool


@dataclass(frozen=True)
class Garment:
    """A cut in a fabric; `accent` is the fabric of belts, lapels and trims."""

    cut: Cut
    fabric: Fabric
    accent: Fabric
    phase: float  # of the waves of its folds


@dataclass(frozen=True)
class Wearer:
    """The body and the pose of the model."""

    build: Build
    pose: Pose
