"""Bags, sunglasses, earrings, necklaces and hats."""

from dataclasses import dataclass

import numpy as np

from fashiongen.sources.demo.body import Pose
from fashiongen.sources.demo.canvas import Canvas
from fashiongen.sources.demo.drape import darker, flesh
from fashiongen.sources.demo.head import HeadFrame
from fashiongen.sources.demo.outline import ellipse, joined, smooth

Rgb = tuple[float, float, float]


@dataclass(frozen=True)
class Accessories:
    """What is worn besides garments and shoes; None is left out."""

    bag: Rgb | None
    sunglasses: Rgb | None
    earrings: Rgb | None
    necklace: Rgb | None
    hat: Rgb | None


def paint_accessories(canvas: Canvas, worn: Accessories, pose: Pose, frame: HeadFrame) -> None:
    """Paint all that is worn, over the finished figure."""
    if worn.necklace:
        chain = pose.place(smooth([(-0.030, 0.156), (-0.022, 0.178), (0.0, 0.190), (0.022, 0.178), (0.030, 0.156)]))
        canvas.line(chain, 0.0022, worn.necklace)
        canvas.fill(ellipse(chain[len(chain) // 2] + (0, 0.005), (0.004, 0.006), samples=14), worn.necklace)
    if worn.earrings:
        for side in (-1, 1):
            canvas.fill(
                frame.at(ellipse((side * 0.325, 0.20), (0.022, 0.060), samples=16)), flesh(canvas, worn.earrings)
            )
    if worn.sunglasses:
        _paint_sunglasses(canvas, worn.sunglasses, frame)
    if worn.hat:
        _paint_hat(canvas, worn.hat, frame)
    if worn.bag:
        arm = next((arm for arm in pose.arms if arm.pose in ("hang", "bag", "swing_front")), pose.arms[0])
        paint_bag(canvas, worn.bag, (float(arm.joints[2, 0]), float(arm.joints[2, 1]) + 0.040))


def _paint_sunglasses(canvas: Canvas, colour: Rgb, frame: HeadFrame) -> None:
    for side in (-1, 1):
        lens = smooth(
            [
                (side * 0.030, -0.020),
                (side * 0.16, -0.045),
                (side * 0.275, -0.020),
                (side * 0.245, 0.085),
                (side * 0.135, 0.110),
                (side * 0.050, 0.070),
            ],
            closed=True,
        )
        canvas.fill(frame.on_face(lens), darker(colour, 0.35))
        canvas.stain(frame.on_face([(side * 0.15 - 0.03, 0.01)])[0], (0.007, 0.004), (1.0, 1.0, 1.0), 0.4)
    bridge = smooth([(-0.05, 0.0), (0.0, -0.020), (0.05, 0.0)])
    canvas.line(frame.on_face(bridge), 0.0026, darker(colour, 0.5))


def _paint_hat(canvas: Canvas, colour: Rgb, frame: HeadFrame) -> None:
    crown = joined(
        smooth(
            [(-0.36, -0.26), (-0.33, -0.56), (-0.18, -0.70), (0.0, -0.68), (0.18, -0.70), (0.33, -0.56), (0.36, -0.26)]
        )
    )
    brim = smooth(
        [
            (-0.95, -0.22),
            (-0.45, -0.36),
            (0.0, -0.40),
            (0.45, -0.36),
            (0.95, -0.22),
            (0.45, -0.16),
            (0.0, -0.15),
            (-0.45, -0.16),
        ],
        closed=True,
    )
    canvas.shade(frame.at(brim), shift=(0.0, 0.012), blur=0.010, strength=0.6)
    canvas.fill(frame.at(brim), flesh(canvas, darker(colour, 0.92)))
    canvas.fill(frame.at(crown), flesh(canvas, colour))
    band = smooth([(-0.36, -0.32), (0.0, -0.30), (0.36, -0.32)])
    canvas.line(frame.at(band), 0.008, darker(colour, 0.35))


def paint_bag(canvas: Canvas, colour: Rgb, grip: tuple[float, float]) -> None:
    """A handbag whose handle is held at `grip`."""
    x, y = grip
    handle = smooth([(x - 0.026, y + 0.042), (x - 0.014, y + 0.004), (x + 0.014, y + 0.004), (x + 0.026, y + 0.042)])
    body = joined(
        [(x - 0.036, y + 0.040), (x + 0.036, y + 0.040)],
        smooth(
            [
                (x + 0.044, y + 0.088),
                (x + 0.038, y + 0.102),
                (x, y + 0.104),
                (x - 0.038, y + 0.102),
                (x - 0.044, y + 0.088),
            ]
        ),
    )
    canvas.line(handle, 0.0046, darker(colour, 0.6))
    canvas.shade(body, shift=(0.004, 0.006), blur=0.008, strength=0.4)
    canvas.fill(body, flesh(canvas, colour))
    flap = smooth([(x - 0.037, y + 0.042), (x - 0.02, y + 0.070), (x + 0.02, y + 0.070), (x + 0.037, y + 0.042)])
    canvas.line(flap, 0.0022, darker(colour, 0.55), opacity=0.8)
    canvas.fill(ellipse((x, y + 0.070), (0.004, 0.004), samples=10), (0.86, 0.74, 0.45))
    canvas.line(np.array([(x - 0.04, y + 0.043), (x + 0.04, y + 0.043)]), 0.0016, darker(colour, 1.3), opacity=0.5)
