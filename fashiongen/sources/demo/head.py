"""Faces: a head's outline, features and make-up, drawn in units of the head's height around its centre."""

from dataclasses import dataclass

import numpy as np

from fashiongen.sources.demo.body import HEAD_HEIGHT, HEAD_Y, Build, Pose
from fashiongen.sources.demo.canvas import Canvas, Colour
from fashiongen.sources.demo.drape import flesh
from fashiongen.sources.demo.outline import Points, PointsLike, ellipse, joined, mirrored, rotated, smooth

FACE_HALF = [(0.0, -0.48), (0.19, -0.45), (0.29, -0.32), (0.318, -0.10), (0.300, 0.10), (0.255, 0.27), (0.165, 0.42)]
CHIN = [(0.165, 0.42), (0.07, 0.492), (0.0, 0.502)]


@dataclass(frozen=True)
class Face:
    """The colours and the shape that differ between faces."""

    eyes: tuple[float, float, float]
    lips: tuple[float, float, float]
    lids: tuple[float, float, float]  # eye shadow
    brows: tuple[float, float, float]
    jaw: float  # a factor on its width


@dataclass(frozen=True)
class HeadFrame:
    """Maps head units to figure units: the head's centre, its tilt, and how far it is turned (-1 to 1)."""

    centre: tuple[float, float]
    tilt: float
    turn: float

    def at(self, points: PointsLike) -> Points:
        """Points of the skull."""
        placed: Points = rotated(np.asarray(points, dtype=float) * HEAD_HEIGHT, self.tilt) + np.asarray(self.centre)
        return placed

    def on_face(self, points: PointsLike) -> Points:
        """Points of the face's surface, which shift as the head turns."""
        at = np.asarray(points, dtype=float)
        depth = np.clip(1 - (at[:, 0] / 0.36) ** 2, 0, 1)
        return self.at(np.column_stack([at[:, 0] + 0.16 * self.turn * depth, at[:, 1]]))


def head_frame(pose: Pose) -> HeadFrame:
    """The frame of the head in a pose."""
    return HeadFrame(
        (pose.axis_x[0] + 0.5 * HEAD_HEIGHT * np.sin(pose.head_tilt), HEAD_Y), pose.head_tilt, pose.head_turn
    )


def paint_head(canvas: Canvas, build: Build, face: Face, frame: HeadFrame) -> None:
    """The head without its hair."""
    skin, dark = build.skin, [0.62 * c for c in build.skin]
    for side in (-1, 1):
        canvas.fill(
            frame.at(ellipse((side * 0.315, 0.03), (0.045, 0.10), angle=-side * 0.15)), [0.86 * c for c in skin]
        )
    half = joined(smooth(FACE_HALF), smooth(CHIN)) * (1, 1)
    half[:, 0] *= np.where(half[:, 1] > 0.05, 1 + (face.jaw - 1) * np.clip((half[:, 1] - 0.05) / 0.3, 0, 1), 1)
    canvas.fill(frame.at(joined(half, mirrored(half))), flesh(canvas, skin))
    _paint_planes(canvas, frame, skin, dark, face)
    for side in (-1, 1):
        _paint_eye(canvas, frame, face, side)
        brow = smooth([(side * 0.065, -0.055), (side * 0.15, -0.085), (side * 0.235, -0.045)])
        canvas.line(frame.on_face(brow), 0.0021, face.brows, opacity=0.8)
    _paint_nose_and_lips(canvas, frame, face, dark)


def _paint_planes(canvas: Canvas, frame: HeadFrame, skin: Colour, dark: Colour, face: Face) -> None:
    unit = HEAD_HEIGHT
    blush = [0.75 * s + 0.25 * lip for s, lip in zip(skin, face.lips, strict=True)]
    for side in (-1, 1):
        canvas.stain(frame.on_face([(side * 0.24, 0.16)])[0], (0.075 * unit, 0.10 * unit), blush, 0.40)
        canvas.stain(frame.on_face([(side * 0.145, -0.005)])[0], (0.085 * unit, 0.055 * unit), face.lids, 0.45)
        canvas.stain(frame.on_face([(side * 0.235, 0.30)])[0], (0.06 * unit, 0.12 * unit), dark, 0.20)
    canvas.stain(frame.on_face([(0.0, -0.30)])[0], (0.16 * unit, 0.10 * unit), [min(1.0, 1.12 * c) for c in skin], 0.30)
    canvas.stain(frame.on_face([(0.0, 0.43)])[0], (0.05 * unit, 0.022 * unit), dark, 0.18)


def _paint_eye(canvas: Canvas, frame: HeadFrame, face: Face, side: int) -> None:
    inner, outer = side * 0.080, side * 0.215
    middle = 0.5 * (inner + outer)
    upper = smooth([(inner, 0.040), (middle - side * 0.02, 0.002), (middle + side * 0.03, 0.004), (outer, 0.022)])
    lower = smooth([(outer, 0.022), (middle + side * 0.01, 0.052), (inner, 0.040)])
    canvas.fill(frame.on_face(joined(upper, lower)), (0.93, 0.91, 0.90))
    canvas.fill(frame.on_face(ellipse((middle, 0.022), (0.029, 0.030))), face.eyes)
    canvas.fill(frame.on_face(ellipse((middle, 0.022), (0.013, 0.014))), (0.05, 0.04, 0.05))
    canvas.fill(frame.on_face(ellipse((middle - 0.010, 0.012), (0.006, 0.006))), (1.0, 1.0, 1.0))
    lash = joined(upper, [(outer + side * 0.022, 0.004)])
    canvas.line(frame.on_face(lash), 0.0026, (0.07, 0.05, 0.06))
    canvas.line(frame.on_face(np.add(upper, (0, -0.030))), 0.0011, (0.25, 0.15, 0.13), opacity=0.5)
    canvas.line(frame.on_face(lower), 0.0009, (0.25, 0.15, 0.13), opacity=0.5)


def _paint_nose_and_lips(canvas: Canvas, frame: HeadFrame, face: Face, dark: Colour) -> None:
    unit = HEAD_HEIGHT
    flank = smooth([(0.032, 0.02), (0.026, 0.12), (0.050, 0.185), (0.030, 0.215)])
    canvas.line(frame.on_face(flank), 0.0016, dark, opacity=0.30)
    canvas.stain(frame.on_face([(0.0, 0.215)])[0], (0.05 * unit, 0.020 * unit), dark, 0.50)
    canvas.stain(frame.on_face([(-0.006, 0.155)])[0], (0.016 * unit, 0.05 * unit), (1.0, 0.97, 0.93), 0.28)
    for side in (-1, 1):
        canvas.fill(
            frame.on_face(ellipse((side * 0.026, 0.206), (0.012, 0.006))), [0.6 * c for c in dark], opacity=0.45
        )
    upper = smooth(
        [(-0.105, 0.315), (-0.05, 0.283), (-0.016, 0.274), (0.0, 0.282), (0.016, 0.274), (0.05, 0.283), (0.105, 0.315)]
    )
    seam = smooth([(0.105, 0.315), (0.03, 0.312), (0.0, 0.318), (-0.03, 0.312), (-0.105, 0.315)])
    lower = smooth([(-0.105, 0.315), (-0.055, 0.356), (0.0, 0.368), (0.055, 0.356), (0.105, 0.315)])
    canvas.fill(frame.on_face(joined(upper, seam)), [0.82 * c for c in face.lips])
    canvas.fill(frame.on_face(joined(lower, seam)), face.lips)
    canvas.line(frame.on_face(seam), 0.0012, [0.45 * c for c in face.lips], opacity=0.8)
    canvas.stain(frame.on_face([(-0.012, 0.343)])[0], (0.03 * unit, 0.010 * unit), (1.0, 0.95, 0.95), 0.35)
