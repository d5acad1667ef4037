"""A fashion figure's body: proportions of eight and a half heads, and the poses of a runway.

The figure stands between y = 0 (top of the head) and y = 1 (tip of the front shoe) around x = 0, seen from the front.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from fashiongen.sources.demo.canvas import Canvas, Colour
from fashiongen.sources.demo.drape import flesh
from fashiongen.sources.demo.outline import Heights, Points, PointsLike, between, joined, mirrored, smooth, tube

HEAD_Y, HEAD_HEIGHT = 0.062, 0.115
SHOULDER_Y, ARMPIT_Y, BUST_Y, WAIST_Y, HIP_Y, CROTCH_Y, KNEE_Y = 0.172, 0.216, 0.232, 0.325, 0.425, 0.468, 0.692

TORSO_Y = (0.150, 0.172, 0.200, 0.232, 0.270, 0.325, 0.375, 0.425, 0.470)
TORSO_HALF = (0.046, 0.074, 0.071, 0.066, 0.058, 0.049, 0.061, 0.070, 0.068)

ArmPose = Literal["hang", "swing_front", "swing_back", "hip", "thigh", "bag"]
Stance = Literal["walk", "stand", "contrapposto"]

ARMS: dict[str, tuple[tuple[float, float], tuple[float, float]]] = {  # elbow and wrist from the shoulder, x outwards
    "hang": ((0.020, 0.150), (0.026, 0.282)),
    "swing_front": ((0.022, 0.146), (0.002, 0.268)),
    "swing_back": ((0.034, 0.140), (0.056, 0.258)),
    "hip": ((0.076, 0.124), (-0.002, 0.192)),
    "thigh": ((0.050, 0.136), (0.006, 0.246)),
    "bag": ((0.026, 0.146), (0.020, 0.270)),
}


@dataclass(frozen=True)
class Build:
    """One body: factors on the widths, and the colour of its skin."""

    shoulders: float
    bust: float
    waist: float
    hips: float
    limbs: float
    skin: tuple[float, float, float]


@dataclass(frozen=True)
class Arm:
    """Shoulder, elbow and wrist; `behind` arms are painted before the torso."""

    joints: Points
    pose: ArmPose
    behind: bool


@dataclass(frozen=True)
class Leg:
    """Hip, knee and ankle; the far leg of a step is drawn shorter and darker."""

    joints: Points
    far: bool


@dataclass(frozen=True)
class Pose:
    """Where the joints are. Sides: index 0 is the left of the picture."""

    axis_y: tuple[float, ...]
    axis_x: tuple[float, ...]
    shoulder_tilt: float
    hip_tilt: float
    arms: tuple[Arm, Arm]
    legs: tuple[Leg, Leg]
    head_tilt: float
    head_turn: float

    def place(self, points: PointsLike) -> Points:
        """Figure coordinates of points whose x is measured from the body's axis."""
        at = np.asarray(points, dtype=float)
        x, y = at[:, 0], at[:, 1]
        tilt = between(y, (0.15, 0.30, 0.42, 0.70), (self.shoulder_tilt, 0.3 * self.hip_tilt, self.hip_tilt, 0.0))
        return np.column_stack([x + between(y, self.axis_y, self.axis_x), y + x * tilt])


def torso_half(build: Build, y: Heights) -> Points:
    """Half the body's width at height y, between the neck and the top of the legs."""
    factors = between(
        y,
        (0.150, 0.172, 0.232, 0.325, 0.425),
        (build.shoulders, build.shoulders, build.bust, build.waist, build.hips),
    )
    return between(y, TORSO_Y, TORSO_HALF) * factors


def strike_pose(rng: np.random.Generator, build: Build, stance: Stance) -> Pose:
    """A random pose of a stance."""
    side = int(rng.choice([-1, 1]))  # where the weight is
    sway = rng.uniform(0.009, 0.020) if stance != "stand" else rng.uniform(0.0, 0.005)
    hips, chest = side * sway, -side * 0.4 * sway
    legs, foot = _legs(rng, build, stance, side=side, hips=hips)
    axis_x = (chest, chest, 0.5 * (hips + chest), hips, 0.5 * (hips + foot), foot)
    tilt = side * sway
    return Pose(
        axis_y=(0.12, 0.24, 0.325, 0.43, 0.69, 1.0),
        axis_x=axis_x,
        shoulder_tilt=float(3.2 * tilt),
        hip_tilt=float(-5.0 * tilt),
        arms=_arms(rng, build, stance, side=side, chest=chest, tilt=3.2 * tilt),
        legs=legs,
        head_tilt=float(rng.normal(0, 0.035)),
        head_turn=float(rng.uniform(-0.5, 0.5)),
    )


def _legs(
    rng: np.random.Generator, build: Build, stance: Stance, *, side: int, hips: float
) -> tuple[tuple[Leg, Leg], float]:
    wide = 0.036 * build.hips
    if stance == "walk":
        cross = rng.uniform(-0.006, 0.012)
        near = [(hips + side * wide, 0.455), (side * 0.024, 0.690), (side * cross, 0.945)]
        lift = rng.uniform(0.030, 0.055)
        far = [(hips - side * wide, 0.455), (-side * 0.022, 0.684), (-side * rng.uniform(0.016, 0.032), 0.945 - lift)]
    elif stance == "stand":
        gap = rng.uniform(0.022, 0.045)
        near = [(hips + side * wide, 0.455), (side * (0.6 * gap + 0.012), 0.690), (side * gap, 0.945)]
        far = [(hips - side * wide, 0.455), (-side * (0.6 * gap + 0.012), 0.690), (-side * gap, 0.940)]
    else:
        out = rng.uniform(0.050, 0.085)
        near = [(hips + side * wide, 0.455), (hips + side * 0.026, 0.692), (side * 0.014, 0.945)]
        far = [(hips - side * wide, 0.455), (-side * (0.5 * out + 0.020), 0.684), (-side * out, 0.935)]
    pair = {side: Leg(np.asarray(near), far=False), -side: Leg(np.asarray(far), far=stance == "walk")}
    foot = 0.5 * (near[2][0] + far[2][0])
    return (pair[-1], pair[1]), foot


def _arms(
    rng: np.random.Generator, build: Build, stance: Stance, *, side: int, chest: float, tilt: float
) -> tuple[Arm, Arm]:
    poses = {side: "swing_back", -side: "swing_front"} if stance == "walk" else {side: "hang", -side: "hang"}
    if rng.random() < 0.35:
        poses[int(rng.choice([-1, 1]))] = str(rng.choice(["hip", "thigh"]))
    if rng.random() < 0.12:
        poses = dict.fromkeys(poses, "thigh" if rng.random() < 0.6 else "hip")
    left, right = (_arm(rng, build, poses[at], side=at, chest=chest, tilt=tilt) for at in (-1, 1))
    return left, right


def _arm(rng: np.random.Generator, build: Build, pose: str, *, side: int, chest: float, tilt: float) -> Arm:
    x = side * 0.066 * build.shoulders
    shoulder = np.array([chest + x, SHOULDER_Y + 0.015 + x * tilt])
    jitter = rng.normal(0, 0.004, (2, 2))
    reach = (np.asarray(ARMS[pose]) + jitter) * (side, 1)
    joints = np.stack([shoulder, shoulder + reach[0], shoulder + reach[1]])
    return Arm(joints, pose, behind=pose == "swing_back")  # type: ignore[arg-type]


def paint_leg(canvas: Canvas, build: Build, leg: Leg, *, tone: Colour) -> None:
    """One leg down to the ankle, in skin or tights."""
    hip, knee, ankle = leg.joints
    shin = ankle - knee
    spine = [hip, hip + 0.5 * (knee - hip), knee, knee + 0.30 * shin, knee + 0.72 * shin, ankle]
    radii = [r * build.limbs for r in (0.037, 0.033, 0.0220, 0.0240, 0.0142, 0.0100)]
    canvas.fill(tube(spine, radii), flesh(canvas, tone, spine=spine, dim=0.80 if leg.far else 1.0))
    canvas.stain(knee, (0.012, 0.014), [0.72 * c for c in tone], 0.25)


def paint_torso(canvas: Canvas, build: Build, pose: Pose) -> None:
    """Neck, shoulders and trunk."""
    heights = np.array([0.172, 0.200, 0.232, 0.270, 0.325, 0.375, 0.425, 0.470])
    side = np.column_stack([torso_half(build, heights), heights])
    top = smooth([(0.018, 0.105), (0.019, 0.138), (0.036, 0.154), (0.066 * build.shoulders, 0.1645)])
    half = joined(top, smooth(side), [(0.02, 0.475)])
    canvas.fill(pose.place(joined(half, mirrored(half))), flesh(canvas, build.skin))
    shadow = [0.55 * c for c in build.skin]
    canvas.stain(pose.place([(0.0, 0.122)])[0], (0.024, 0.014), shadow, 0.55)  # under the chin
    for x in (-1, 1):
        bone = smooth([(x * 0.008, 0.168), (x * 0.030, 0.163), (x * 0.058, 0.165)])
        canvas.line(pose.place(bone), 0.0028, shadow, opacity=0.30)
    canvas.stain(pose.place([(0.0, 0.215)])[0], (0.006, 0.020), shadow, 0.30)


def paint_arm(canvas: Canvas, build: Build, arm: Arm) -> None:
    """One bare arm with its hand."""
    shoulder, elbow, wrist = arm.joints
    spine = [shoulder, shoulder + 0.5 * (elbow - shoulder), elbow, elbow + 0.35 * (wrist - elbow), wrist]
    radii = [r * build.limbs for r in (0.0190, 0.0168, 0.0136, 0.0142, 0.0086)]
    dim = 0.82 if arm.behind else 1.0
    outline = tube(spine, radii, rounded=True)
    canvas.shade(outline, shift=(0.004, 0.004), blur=0.010, strength=0.35)
    canvas.fill(outline, flesh(canvas, build.skin, spine=spine, dim=dim))
    _paint_hand(canvas, build, arm, dim)


def _paint_hand(canvas: Canvas, build: Build, arm: Arm, dim: float) -> None:
    elbow, wrist = arm.joints[1:]
    ahead = (wrist - elbow) / np.hypot(*(wrist - elbow))
    if arm.pose == "hip":
        ahead = np.array([np.sign(ahead[0]) * 0.75, 0.66])
    aside = np.array([-ahead[1], ahead[0]]) * (1 if arm.joints[0, 0] < 0 else -1)
    tone = [c * dim for c in build.skin]
    for reach, spread in ((0.056, 0.0075), (0.061, 0.0025), (0.059, -0.0025), (0.052, -0.0070)):
        tip = wrist + reach * ahead + spread * 1.2 * aside
        finger = [wrist + 0.020 * ahead + spread * 0.8 * aside, wrist + 0.040 * ahead + spread * 1.1 * aside, tip]
        canvas.fill(tube(finger, (0.0042, 0.0038, 0.0022), samples=4), tone)
        canvas.line(np.asarray(finger[1:]) + 0.0028 * aside, 0.0010, [0.7 * c for c in tone], opacity=0.45)
    thumb = [wrist + 0.008 * ahead, wrist + 0.022 * ahead - 0.011 * aside, wrist + 0.036 * ahead - 0.012 * aside]
    canvas.fill(tube(thumb, (0.0055, 0.0042, 0.0024), samples=4), tone)
    palm = [wrist - 0.006 * ahead, wrist + 0.014 * ahead, wrist + 0.031 * ahead]
    canvas.fill(tube(palm, (0.0086, 0.0112, 0.0092)), flesh(canvas, tone, spine=palm))
