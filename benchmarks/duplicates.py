"""Which copies of photographs are found, and which other pictures are taken for copies.

    python benchmarks/duplicates.py --ccp data/street/ccp --images 300

Each photograph of Clothing Co-Parsing is changed in the ways of `COPIES`, which a site or a person makes of a picture.
It is another picture if its garment has another colour or if it is mirrored. Other pictures are also the next
photograph, and drawn garments that differ in their print alone. For each way the share of pairs that `dedup` would
merge is printed, for two halves of the photographs: choose settings on the first, and read the second.
"""

import argparse
import io
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
from jaxtyping import UInt8
from measure import describe_machine, print_table
from numpy import ndarray
from PIL import Image, ImageCms, ImageDraw, ImageEnhance, ImageFont, ImageOps
from tqdm import tqdm

from fashiongen import config
from fashiongen.images.comparison import measure_difference
from fashiongen.images.duplicates import hamming_distance, has_same_shape
from fashiongen.images.hashing import describe_image, read_thumbnail
from fashiongen.images.params import DedupParams
from fashiongen.sources.demo.brands import BRANDS
from fashiongen.sources.demo.pictures import dress_full, paint_portrait
from fashiongen.sources.demo.scene import VENUES
from fashiongen.sources.demo.wardrobe import choose_fabric, design_garment
from fashiongen.sources.street.ccp import find_mapped, read_label_map, read_photograph, read_tags

WEARER = ("null", "skin", "hair")
WIDE = "in a wider colour space"
ADOBE_RGB = {  # linear RGB to XYZ for D50
    b"rXYZ": (0.60974, 0.31111, 0.01947),
    b"gXYZ": (0.20528, 0.62567, 0.06087),
    b"bXYZ": (0.14919, 0.06322, 0.74457),
}
RECOLOURED = (20, 60)  # distance in CIELAB: the least that is another colourway, and the most

Change = Callable[[Image.Image], Image.Image]


class Pair(NamedTuple):
    """Two files, and how one was made of the other."""

    way: str
    is_copy: bool
    half: int
    one: Path
    other: Path


def resize(image: Image.Image, width: int) -> Image.Image:
    return image.resize((width, round(width * image.height / image.width)), Image.Resampling.LANCZOS)


def crop(image: Image.Image, frac: float, edges: str) -> Image.Image:
    """Without a share of the width or height: from the edges named, or half of it from each of `lrtb`."""
    share = frac / 2 if len(edges) == 4 else frac
    by = {edge: share if edge in edges else 0 for edge in "lrtb"}
    width, height = image.size
    box = (by["l"] * width, by["t"] * height, (1 - by["r"]) * width, (1 - by["b"]) * height)
    return image.crop(tuple(map(round, box)))


def frame(image: Image.Image, frac: float, colour: str) -> Image.Image:
    border = round(frac * image.width)
    framed = Image.new("RGB", (image.width + 2 * border, image.height + 2 * border), colour)
    framed.paste(image, (border, border))
    return framed


def put_badge(image: Image.Image, frac: float, colour: str) -> Image.Image:
    """A disc in the upper right corner, as wide as this share of the image."""
    badged, side = image.copy(), frac * image.width
    right = image.width - 0.3 * side
    ImageDraw.Draw(badged).ellipse((right - side, 0.3 * side, right, 1.3 * side), fill=colour)
    return badged


def put_watermark(image: Image.Image, height_frac: float) -> Image.Image:
    """White half-transparent words across the image at a height."""
    layer = Image.new("RGBA", image.size)
    font = ImageFont.load_default(size=0.07 * image.width)
    place = (0.2 * image.width, height_frac * image.height)
    ImageDraw.Draw(layer).text(place, "RUNWAY DAILY . COM", fill=(255, 255, 255, 130), font=font)
    return Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB")


def brighten(image: Image.Image, factor: float) -> Image.Image:
    return ImageEnhance.Brightness(image).enhance(factor)


class Saved(NamedTuple):
    """A change, and how its result is encoded."""

    change: Change
    ext: str = "jpg"
    quality: int = 85


COPIES: dict[str, Saved] = {
    "as wide as 236 px": Saved(lambda image: resize(image, 236)),
    "as wide as 474 px": Saved(lambda image: resize(image, 474)),
    "JPEG quality 30": Saved(lambda image: image, quality=30),
    "JPEG quality 95": Saved(lambda image: image, quality=95),
    "WebP quality 50": Saved(lambda image: image, "webp", 50),
    "PNG": Saved(lambda image: image, "png"),
    "cropped by 2 %": Saved(partial(crop, frac=0.02, edges="lrtb")),
    "cropped by 5 %": Saved(partial(crop, frac=0.05, edges="lrtb")),
    "5 % of the left cut off": Saved(partial(crop, frac=0.05, edges="l")),
    "5 % of the bottom cut off": Saved(partial(crop, frac=0.05, edges="b")),
    "white border of 2 %": Saved(partial(frame, frac=0.02, colour="white")),
    "black border of 5 %": Saved(partial(frame, frac=0.05, colour="black")),
    "red badge of 8 %": Saved(partial(put_badge, frac=0.08, colour="#dc141e")),
    "white badge of 12 %": Saved(partial(put_badge, frac=0.12, colour="#fafafa")),
    "white badge of 20 %": Saved(partial(put_badge, frac=0.20, colour="#fafafa")),
    "watermark in the middle": Saved(partial(put_watermark, height_frac=0.5)),
    "watermark at the bottom": Saved(partial(put_watermark, height_frac=0.93)),
    "brighter by 15 %": Saved(partial(brighten, factor=1.15)),
    "darker by 15 %": Saved(partial(brighten, factor=0.85)),
    WIDE: Saved(lambda image: image),
}


def save(image: Image.Image, path: Path, quality: int) -> None:
    image.save(path, **({} if path.suffix == ".png" else {"quality": quality}))


def save_in_wide_colours(image: Image.Image, path: Path, quality: int) -> None:
    """The same colours by other numbers, which the file's profile says: sRGB's with the primaries of Adobe RGB."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    content = bytearray(srgb.tobytes())
    for number in range(int.from_bytes(content[128:132])):
        name, place = (content[132 + 12 * number + start :][:4] for start in (0, 4))
        if primary := ADOBE_RGB.get(bytes(name)):
            values = [round(value * 65536).to_bytes(4) for value in primary]
            content[int.from_bytes(place) + 8 : int.from_bytes(place) + 20] = b"".join(values)
    wide = ImageCms.ImageCmsProfile(io.BytesIO(content))
    ImageCms.profileToProfile(image, srgb, wide).save(path, quality=quality, icc_profile=bytes(content))


def recolour(image: Image.Image, mask: Image.Image, rng: np.random.Generator) -> Image.Image:
    """The image with another hue under the mask; the lightness stays."""
    distance, angle = rng.uniform(*RECOLOURED), rng.uniform(0, 2 * np.pi)
    lab = np.array(image.convert("RGB").convert("LAB"), dtype=np.uint8).astype(int)
    colours = np.where(lab[..., 1:] < 128, lab[..., 1:], lab[..., 1:] - 256)
    moved = np.clip(colours + distance * np.array([np.cos(angle), np.sin(angle)]), -127, 127).round().astype(int)
    lab[..., 1:] = np.where(moved < 0, moved + 256, moved)
    to_rgb = ImageCms.buildTransform(ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB")
    changed = ImageCms.applyTransform(Image.fromarray(lab.astype(np.uint8), "LAB"), to_rgb)
    return Image.composite(changed, image, mask)


def find_garment(labels: UInt8[ndarray, "height width"], tags: Sequence[str]) -> Image.Image:
    """The mask of the largest garment of a label map."""
    areas = np.bincount(labels.ravel(), minlength=len(tags))
    areas[[number for number, tag in enumerate(tags) if tag in WEARER]] = 0
    return Image.fromarray(np.where(labels == areas.argmax(), 255, 0).astype(np.uint8))


def change_photographs(ccp: Path, count: int, folder: Path) -> Iterator[Pair]:
    """Each photograph with its copies, another colour of its garment, its mirror image, and the next photograph."""
    tags, photographs = read_tags(ccp), list(find_mapped(ccp))
    chosen = [photographs[number * len(photographs) // count] for number in range(count)]
    earlier: Path | None = None
    for number, photograph in enumerate(tqdm(chosen, "photographs")):
        rng, half = np.random.default_rng([1, number]), number % 2
        image = read_photograph(photograph.image)
        mask = find_garment(read_label_map(photograph.annotation, image.size, len(tags)), tags)
        one = folder / f"{number}.jpg"
        save(image, one, 92)
        for place, (way, saved) in enumerate(COPIES.items()):
            path = folder / f"{number}-{place}.{saved.ext}"
            (save_in_wide_colours if way == WIDE else save)(saved.change(image), path, saved.quality)
            yield Pair(way, True, half, one, path)
        others = {"another colour": recolour(image, mask, rng), "mirrored": ImageOps.mirror(image)}
        for place, (way, other) in enumerate(others.items()):
            path = folder / f"{number}-other-{place}.jpg"
            save(other, path, 85)
            yield Pair(way, False, half, one, path)
        if earlier:
            yield Pair("neighbouring photograph", False, half, earlier, one)
        earlier = one


def draw_prints(count: int, folder: Path) -> Iterator[Pair]:
    """Two drawings of one model in one garment, whose fabrics have the same ground and another pattern."""
    brands, venues, made, seed = BRANDS, list(VENUES.values()), 0, 0
    while made < count:
        seed += 1
        rng, brand = np.random.default_rng([2, seed]), brands[seed % len(brands)]
        garment = design_garment(rng, brand, str(rng.choice(brand.silhouettes)))
        fabric = choose_fabric(rng, brand)
        if fabric.colours[0] != garment.fabric.colours[0] or fabric.pattern == garment.fabric.pattern:
            continue
        paths = []
        for name, worn in (("a", garment), ("b", replace(garment, fabric=fabric))):
            look = dress_full(np.random.default_rng([3, seed]), brand, worn)
            venue = venues[seed % len(venues)]
            drawn = paint_portrait(np.random.default_rng([4, seed]), look, venue, (500, 750), "full")
            paths.append(folder / f"print-{seed}-{name}.jpg")
            save(drawn.image, paths[-1], 88)
        yield Pair("another print", False, made % 2, *paths)
        made += 1


class Measured(NamedTuple):
    """What `dedup` sees of a pair."""

    pair: Pair
    bits: int
    has_same_shape: bool
    difference: float

    def is_merged(self, params: DedupParams) -> bool:
        is_candidate = self.has_same_shape and self.bits <= params.max_hamming_distance
        return is_candidate and self.difference <= params.max_difference


def measure(pair: Pair, params: DedupParams) -> Measured:
    one, other = describe_image(pair.one), describe_image(pair.other)
    thumbnails = read_thumbnail(pair.one), read_thumbnail(pair.other)
    difference = measure_difference(*thumbnails, differing_frac=params.differing_frac)
    return Measured(pair, hamming_distance(one.phash, other.phash), has_same_shape(one, other, params), difference)


def tabulate(measured: Sequence[Measured], params: DedupParams) -> None:
    """A row for each way, and one for all: recall of the copies, precision of what is merged."""
    by_way = defaultdict(list)
    for one in measured:
        by_way[one.pair.way].append(one)
    rows = []
    for way, of in by_way.items():
        halves = [[one for one in of if one.pair.half == half] for half in (0, 1)]
        merged = [f"{np.mean([one.is_merged(params) for one in half]):.3f}" for half in halves]
        within = np.mean([one.bits <= params.max_hamming_distance for one in of])
        levels = np.quantile([one.difference for one in of], [0.05, 0.5, 0.95], method="nearest")
        kind = "copy" if of[0].pair.is_copy else "another"
        rows.append([way, kind, str(len(of)), *merged, f"{within:.3f}", ", ".join(f"{level:.0f}" for level in levels)])
    header = ["way", "picture", "pairs", "merged, 1st half", "merged, 2nd half", "candidates", "levels: 5, 50, 95 %"]
    print_table(header, rows)
    for half, name in enumerate(("first", "second")):
        merged_pairs = [one for one in measured if one.pair.half == half and one.is_merged(params)]
        copies = [one for one in measured if one.pair.half == half and one.pair.is_copy]
        precision = np.mean([one.pair.is_copy for one in merged_pairs])
        recall = np.mean([one.is_merged(params) for one in copies])
        print(f"\n{name} half: precision {precision:.4f}, recall {recall:.4f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ccp", type=Path, required=True, help="a copy of Clothing Co-Parsing")
    parser.add_argument("--images", type=int, default=300)
    options = parser.parse_args()
    params = config.load(DedupParams, "dedup")
    with TemporaryDirectory() as name:
        folder = Path(name)
        pairs = [*change_photographs(options.ccp, options.images, folder), *draw_prints(options.images // 2, folder)]
        measured = [measure(pair, params) for pair in tqdm(pairs, "pairs")]
    print(f"{describe_machine('cpu')}\n")
    tabulate(measured, params)


if __name__ == "__main__":
    main()
