"""Images of any mode, depth and colour profile as 8-bit sRGB on white."""

from functools import lru_cache
from io import BytesIO
from typing import Any

import numpy as np
from jaxtyping import UInt8
from numpy import ndarray
from PIL import Image, ImageCms

WHITE = (255, 255, 255)
FULL_SCALES = (1.0, 255.0, 65535.0, float(2**32 - 1))  # the brightest value of a deep gray image: the first that holds
ROUNDING = 2  # levels by which sRGB's own profile changes colours
KEPT_PROFILES = 64  # transforms to sRGB: an archive of a camera has one, a collection from the web dozens

_SRGB = ImageCms.createProfile("sRGB")


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """A loaded image as RGB in sRGB, transparency on white; a profile that does not fit its pixels is ignored."""
    if image.mode.startswith(("I", "F")):
        return _deep_to_rgb(image)
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        if image.mode in ("RGBA", "P", "PA"):
            colours = _apply_profile(rgba.convert("RGB"), profile)
            rgba = Image.merge("RGBA", (*colours.split(), rgba.getchannel("A")))
        return Image.alpha_composite(Image.new("RGBA", rgba.size, WHITE), rgba).convert("RGB")
    if image.mode == "P":
        image = image.convert("RGB")
    return _apply_profile(image, profile)


def _apply_profile(image: Image.Image, profile: bytes | None) -> Image.Image:
    transform = _to_srgb(profile, image.mode) if profile or image.mode == "LAB" else None
    return image.convert("RGB") if transform is None else ImageCms.applyTransform(image, transform) or image


@lru_cache(maxsize=KEPT_PROFILES)
def _to_srgb(profile: bytes | None, mode: str) -> Any:
    """LittleCMS's transform of pixels of a mode; None where there is nothing to do, or the profile is not of the mode.

    LAB is a mode whose colours need no profile.
    """
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile)) if profile else ImageCms.createProfile("LAB")
        transform = ImageCms.buildTransform(source, _SRGB, mode, "RGB", flags=ImageCms.Flags.NOCACHE)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    return None if mode == "RGB" and _changes_nothing(transform) else transform


def _changes_nothing(transform: Any) -> bool:
    """Whether colours stay as they are but for rounding: a profile's name does not tell ("Linear sRGB")."""
    levels = np.arange(0, 256, 15, dtype=np.uint8)
    colours = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(1, -1, 3)
    changed = ImageCms.applyTransform(Image.fromarray(colours), transform)
    return bool(np.abs(np.asarray(changed, dtype=int) - colours).max() <= ROUNDING)


def _deep_to_rgb(image: Image.Image) -> Image.Image:
    """Gray of more than 8 bits, scaled to 8; a transparent value becomes white."""
    values = np.asarray(image)
    gray = _scale(values)
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        gray = np.where(values == transparent, np.uint8(255), gray)
    return Image.fromarray(gray).convert("RGB")


def _scale(values: ndarray) -> UInt8[ndarray, "height width"]:
    if values.dtype.itemsize == 2:
        return (values >> 8).astype(np.uint8)
    if np.issubdtype(values.dtype, np.integer) and values.min(initial=0) < 0:
        values = values.view(np.uint32)  # Pillow has no unsigned mode
    deep = np.nan_to_num(values.astype(np.float64), posinf=0.0, neginf=0.0).clip(0)
    brightest = deep.max(initial=0.0)
    is_float = np.issubdtype(values.dtype, np.floating)
    full = next((scale for scale in FULL_SCALES[0 if is_float else 1 :] if brightest <= scale), brightest)
    return np.rint(deep * (255 / full)).astype(np.uint8)
