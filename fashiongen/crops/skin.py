"""Skin in the box of a garment, by its likeness to the face above it."""

import cv2
import numpy as np
from jaxtyping import Bool, UInt8
from numpy import ndarray

from fashiongen.crops.boxes import PixelBox

# Skin of any tone in YCrCb (after Chai and Ngan 1999): a narrow range of both colour differences, at any luminance.
DARKEST_Y, CR, CB = 30, (135, 180), (77, 127)
MIN_FACE_PX = 25
FACE_COLUMNS = 0.2  # of the box's width, on each side: the face is between
FACE_ROWS = 0.04  # of the box's height: so far the face or the neck reaches into the box
NOISE = (12.0, 3.0, 3.0)  # added to the deviations of the face's Y, Cr and Cb
LUMINANCE_WEIGHT = 0.5  # arms are lit otherwise than the face
LIKENESS = 2.5  # deviations
MAX_CORE_FRAC = 0.1  # where more of the box's middle looks like skin, the garment has the colour of skin


def find_skin(image: UInt8[ndarray, "height width 3"], box: PixelBox) -> Bool[ndarray, "height width"]:
    """Where an RGB image shows skin like that of the face above the garment's box.

    It is nowhere if no face is found, or if the garment itself has the colour of skin.
    """
    nowhere = np.zeros(image.shape[:2], dtype=bool)
    colours = cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb).astype(np.float32)
    y, cr, cb = np.moveaxis(colours, -1, 0)
    possible = (y > DARKEST_Y) & (cr > CR[0]) & (cr < CR[1]) & (cb > CB[0]) & (cb < CB[1])
    width, height = box.size
    side = round(FACE_COLUMNS * width)
    face = (slice(0, box.top + max(1, round(FACE_ROWS * height))), slice(box.left + side, box.right - side))
    sample = colours[face][possible[face]]
    if len(sample) < MIN_FACE_PX:
        return nowhere
    median = np.median(sample, axis=0)
    deviation = 1.48 * np.median(np.abs(sample - median), axis=0) + np.asarray(NOISE)  # 1.48: as of a normal one
    distance = np.square((colours - median) / deviation) @ np.asarray([LUMINANCE_WEIGHT, 1, 1])
    skin = possible & (distance < LIKENESS**2)
    core = skin[box.top + height // 4 : box.bottom - height // 4, box.left + width // 3 : box.right - width // 3]
    if core.size and core.mean() > MAX_CORE_FRAC:
        return nowhere
    return np.asarray(cv2.morphologyEx(skin.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))).astype(bool)
