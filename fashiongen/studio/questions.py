"""What the page asks of the networks."""

from typing import Annotated, Literal

from pydantic import Field

from fashiongen.studio.records import Colour, Garment, Latent, Marks, Record, Scale, Seed, Truncation, Words

MOST = 64  # garments in one question or answer
TAKEN = 500  # garments that are taken away at once

Latents = Annotated[list[Latent], Field(min_length=1, max_length=MOST)]
Amount = Annotated[float, Field(ge=-6, le=6)]
ClientId = Annotated[str, Field(pattern=r"^[\w-]{1,64}$")]
Count = Annotated[int, Field(ge=1, le=MOST)]
Numbers = Annotated[list[int], Field(min_length=1, max_length=TAKEN)]


class OfVariant(Record):
    """A question about the network of one variant."""

    variant: Words


class Wall(OfVariant):
    """Random garments: so many from a number on (0 is the first)."""

    seed: Seed
    truncation: Truncation
    start: Annotated[int, Field(ge=0, le=200_000)]
    count: Count


class Shape(OfVariant):
    """Garments with sliders moved: by number, in steps."""

    latents: Latents
    sliders: dict[int, Amount]


class Near(OfVariant):
    """Variations of a garment."""

    latent: Latent
    seed: Seed
    count: Count


class Alike(OfVariant):
    """Garments like some and unlike others."""

    liked: Annotated[list[Latent], Field(max_length=20)]
    disliked: Annotated[list[Latent], Field(max_length=20)]
    seed: Seed
    count: Count


class Blend(OfVariant):
    """Garments mixed by weights."""

    latents: Annotated[list[Latent], Field(min_length=2, max_length=4)]
    weights: Annotated[list[Annotated[float, Field(ge=0, le=1)]], Field(min_length=2, max_length=4)]


class Path(OfVariant):
    """The way from one garment to another."""

    first: Latent
    last: Latent
    steps: Annotated[int, Field(ge=2, le=MOST)]


class Recolour(OfVariant):
    """A garment in another colour."""

    latent: Latent
    colour: Colour
    part: Literal["all", "top", "bottom"]


class TakeColours(OfVariant):
    """The outline of one garment in the colours of another."""

    shape: Latent
    colours: Latent


class Details(OfVariant):
    """What is known of one garment."""

    latent: Latent


class SliderName(OfVariant):
    """A name for a slider; empty: its own."""

    number: Annotated[int, Field(ge=0, le=100)]
    name: Annotated[str, Field(max_length=40)]


class Keep(Record):
    """Garments to keep."""

    garments: Annotated[list[Garment], Field(min_length=1, max_length=MOST)]
    client: ClientId


class Mark(Record):
    """Marks to set on kept garments; `text` says it in the history."""

    ids: Numbers
    marks: Marks
    add_boards: Annotated[tuple[Words, ...], Field(max_length=50)] = ()  # beside those that each garment is on
    client: ClientId
    text: Annotated[str, Field(max_length=120)]


class Undo(Record):
    """Whose last change to undo, or to do again."""

    client: ClientId


class Take(Record):
    """Garments as a file: kept ones by their ids, or others."""

    ids: Annotated[tuple[int, ...], Field(max_length=TAKEN)] = ()
    garments: Annotated[tuple[Garment, ...], Field(max_length=MOST)] = ()
    format: Literal["png", "sheet", "pdf", "json"]
    scale: Scale
    ground: Literal["white", "transparent"]
