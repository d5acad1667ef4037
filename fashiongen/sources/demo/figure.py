"""A dressed figure: the order in which hair, limbs, garments, shoes and face are painted over each other."""

from dataclasses import dataclass

from fashiongen.sources.demo.accessories import Accessories, paint_accessories
from fashiongen.sources.demo.body import Arm, Build, Pose, paint_arm, paint_leg, paint_torso
from fashiongen.sources.demo.canvas import Canvas
from fashiongen.sources.demo.cuts import Garment, Wearer
from fashiongen.sources.demo.garments import paint_trousers, paint_trunk
from fashiongen.sources.demo.hair import Hair, paint_hair_before, paint_hair_behind
from fashiongen.sources.demo.head import Face, head_frame, paint_head
from fashiongen.sources.demo.shoes import Shoes, paint_shoe
from fashiongen.sources.demo.trims import paint_belt, paint_closure, paint_collar, paint_sleeve


@dataclass(frozen=True)
class Look:
    """One model, styled: garments from the inside out; `labelled` is the index of the labelled one."""

    build: Build
    pose: Pose
    face: Face
    hair: Hair
    shoes: Shoes
    garments: tuple[Garment, ...]
    labelled: int
    tights: tuple[float, float, float] | None
    accessories: Accessories


def paint_look(canvas: Canvas, look: Look) -> None:
    """Paint the figure on the canvas; canvas.garment then holds the visible pixels of the labelled garment."""
    frame = head_frame(look.pose)
    paint_hair_behind(canvas, look.hair, frame)
    for arm in look.pose.arms:
        if arm.behind:
            _paint_dressed_arm(canvas, look, arm)
    for leg in sorted(look.pose.legs, key=lambda leg: not leg.far):
        paint_leg(canvas, look.build, leg, tone=look.tights or look.build.skin)
        paint_shoe(canvas, look.build, leg, look.shoes)
    paint_torso(canvas, look.build, look.pose)
    for index, garment in enumerate(look.garments):
        _paint_garment(canvas, garment, Wearer(look.build, look.pose), index == look.labelled)
    for arm in look.pose.arms:
        if not arm.behind:
            _paint_dressed_arm(canvas, look, arm)
    paint_head(canvas, look.build, look.face, frame)
    paint_hair_before(canvas, look.hair, frame)
    paint_accessories(canvas, look.accessories, look.pose, frame)


def _paint_garment(canvas: Canvas, garment: Garment, wearer: Wearer, labelled: bool) -> None:
    if garment.cut.legs:
        paint_trousers(canvas, garment, wearer, labelled=labelled)
    if garment.cut.type != "lower" or garment.cut.skirt:
        paint_trunk(canvas, garment, wearer, labelled=labelled)
    paint_closure(canvas, garment, wearer, labelled=labelled)
    paint_belt(canvas, garment, wearer, labelled=labelled)
    paint_collar(canvas, garment, wearer, labelled=labelled)


def _paint_dressed_arm(canvas: Canvas, look: Look, arm: Arm) -> None:
    paint_arm(canvas, look.build, arm)
    for index, garment in enumerate(look.garments):
        paint_sleeve(canvas, garment, Wearer(look.build, look.pose), arm, labelled=index == look.labelled)
