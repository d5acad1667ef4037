"""Five invented brands: palettes, prints, preferred cuts, and the venues of their shows."""

from dataclasses import dataclass
from typing import NamedTuple

Rgb = tuple[float, float, float]


def rgb(code: str) -> Rgb:
    """A colour written as six hexadecimal digits, as three numbers from 0 to 1."""
    return int(code[0:2], 16) / 255, int(code[2:4], 16) / 255, int(code[4:6], 16) / 255


def colours(codes: str) -> tuple[Rgb, ...]:
    """Several colours, separated by blanks."""
    return tuple(rgb(code) for code in codes.split())


class Print(NamedTuple):
    """A pattern of the brand: its name, its size, its colours (ground first)."""

    pattern: str
    repeat: float  # figure units
    colours: tuple[Rgb, ...]


@dataclass(frozen=True)
class Brand:
    """A brand."""

    name: str
    account: str  # in the urls of its boards
    palette: tuple[Rgb, ...]  # of plain fabrics
    accents: tuple[Rgb, ...]  # of belts, shoes, bags
    prints: tuple[Print, ...]
    print_share: float  # of its garments: the fraction that is printed
    gloss: float  # the most of a plain fabric
    silhouettes: tuple[str, ...]  # keys of wardrobe.FULL, a name that is listed twice is drawn twice as often
    venues: tuple[str, ...]  # of its shows by turns, keys of scene.VENUES
    hem_y: float | None = None  # of full garments, in figure heights; None: as their cuts have it


BRANDS: tuple[Brand, ...] = (
    Brand(
        name="Maison Aurore",
        account="maisonaurore",
        palette=colours("f3e3d8 e9c7c0 d99aa0 b8455f f5efe6 c9a86a 8d2f4a f0d9a8 a9b7d6 5c2a48"),
        accents=colours("c9a86a f0e2d0 7a2d42 2b1d26"),
        prints=(
            Print("floral", 0.17, colours("f5ece4 d98a96 b8455f e9b7a8 8aa07c")),
            Print("floral", 0.20, colours("3a1a30 d98a96 f0c7b8 c9566e 5f7a63")),
            Print("ditsy", 0.15, colours("f0d5cf b8455f ffffff 8aa07c")),
            Print("sequins", 0.09, colours("d8b878 e8cf9a c9a060")),
            Print("sequins", 0.09, colours("d9a0a8 eac0c4 c07f8c")),
            Print("gradient", 1.0, colours("fbeee6 eab5b5 a83a58")),
            Print("gradient", 1.0, colours("f7efe2 e6cf9f b88a4a")),
        ),
        print_share=0.55,
        gloss=1.0,
        silhouettes=(
            "ball_gown",
            "ball_gown",
            "mermaid",
            "mermaid",
            "empire",
            "a_line",
            "slip",
            "bow_dress",
            "cape_coat",
            "column",
        ),
        venues=("palazzo", "curtain"),
    ),
    Brand(
        name="Nerovia",
        account="nerovia",
        palette=colours("17171a 26262b 3d3d44 f2f0ec d8d4cc 5a1420 8a8781 1d2433 101012"),
        accents=colours("101012 5a1420 c7c3bb"),
        prints=(
            Print("pinstripes", 0.022, colours("1b1c22 9a9aa4")),
            Print("pinstripes", 0.026, colours("e9e6df 3a3a40")),
            Print("windowpane", 0.060, colours("2a2b31 8a8781")),
            Print("gradient", 1.0, colours("f2f0ec 77757a 17171a")),
            Print("sequins", 0.08, colours("2a2a30 3a3a42 18181c")),
            Print("stripes", 0.080, colours("f2f0ec 17171a")),
        ),
        print_share=0.34,
        gloss=0.9,
        silhouettes=(
            "sheath",
            "tailored_coat",
            "tailored_coat",
            "jumpsuit_tailored",
            "jumpsuit_tailored",
            "column",
            "blazer_dress",
            "slip",
            "cocoon_coat",
        ),
        venues=("white_box", "black_box"),
    ),
    Brand(
        name="Saltmarsh & Wren",
        account="saltmarshandwren",
        palette=colours("b98b56 3f4f3a 6b4a2f 8a3b2a d9c6a0 2c3444 c79a2f 70805f 4a2730 e6dcc6"),
        accents=colours("5a3a22 2b2018 8a3b2a"),
        prints=(
            Print("tartan", 0.085, colours("7a2a26 2f4436 d9b860 1d2430")),
            Print("tartan", 0.095, colours("3f4f3a 1f2c3a d9c6a0 a83a2a")),
            Print("tartan", 0.080, colours("c9a267 6b4a2f f0e6d0 8a3b2a")),
            Print("gingham", 0.036, colours("e9e0cc 70805f")),
            Print("windowpane", 0.070, colours("a9895e 5a3a22")),
            Print("ditsy", 0.15, colours("2c3444 c79a2f d9c6a0 a8503a")),
            Print("leaves", 0.19, colours("e6dcc6 70805f 3f4f3a b98b56")),
        ),
        print_share=0.55,
        gloss=0.1,
        silhouettes=(
            "trench",
            "trench",
            "tailored_coat",
            "shirt_dress",
            "shirt_dress",
            "knit_dress",
            "duffle_coat",
            "tiered_dress",
            "jumpsuit_utility",
        ),
        venues=("garden",),
    ),
    Brand(
        name="Casa Limonera",
        account="casalimonera",
        palette=colours("f4cf3a 1f5fb0 f4f1e6 e8643c 3fa7a0 f29fa8 d8342f 7cc0e8 ffe9a8"),
        accents=colours("c98a4a f4f1e6 1f5fb0 d8342f"),
        prints=(
            Print("floral", 0.20, colours("fbf8ee f4cf3a f2b01e e8643c 3f8a4a")),
            Print("floral", 0.18, colours("1f5fb0 f4f1e6 7cc0e8 f4cf3a 2f8a6a")),
            Print("stripes", 0.050, colours("f7f4ea 1f5fb0")),
            Print("stripes", 0.040, colours("f7f4ea e8643c")),
            Print("dots", 0.040, colours("d8342f fbf8ee")),
            Print("dots", 0.034, colours("fbf8ee 1f5fb0")),
            Print("leaves", 0.21, colours("fbf8ee 3f8a4a 3fa7a0 f4cf3a")),
            Print("gingham", 0.040, colours("fbf8ee f4a83a")),
        ),
        print_share=0.72,
        gloss=0.2,
        silhouettes=(
            "sundress",
            "sundress",
            "wrap_dress",
            "tiered_dress",
            "kaftan",
            "jumpsuit_wide",
            "a_line",
            "romper",
            "off_shoulder_dress",
        ),
        venues=("seaside",),
    ),
    Brand(
        name="Atelier Kohaku",
        account="atelierkohaku",
        palette=colours("1f2f52 e0602f 157a78 e8d9bd 2a2328 a83250 7d8f3f d9a441 5a4a86 c9c3d8"),
        accents=colours("2a2328 e0602f d9a441"),
        prints=(
            Print("brush", 0.26, colours("ece2cc 1f2f52 e0602f 157a78")),
            Print("brush", 0.24, colours("1f2f52 e8d9bd d9a441 a83250")),
            Print("gradient", 1.0, colours("e8d9bd e0602f 5a1f3a")),
            Print("gradient", 1.0, colours("c9e0d8 157a78 1f2f52")),
            Print("spots", 0.15, colours("d9a441 2a2328 b06a2a")),
            Print("leaves", 0.20, colours("2a2328 d9a441 157a78 a83250")),
            Print("stripes", 0.090, colours("e8d9bd 1f2f52")),
        ),
        print_share=0.62,
        gloss=0.5,
        silhouettes=(
            "kimono_coat",
            "kimono_coat",
            "cocoon_coat",
            "jumpsuit_wide",
            "jumpsuit_wide",
            "asymmetric_dress",
            "balloon_dress",
            "pleated_dress",
            "knit_dress",
        ),
        venues=("concrete", "colour"),
    ),
)
