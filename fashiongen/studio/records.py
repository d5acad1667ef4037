"""What the page and the server say to each other, and what is kept of a garment."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Note = Annotated[str, StringConstraints(max_length=4000)]
Seed = Annotated[int, Field(ge=0, lt=2**53)]  # what a page can count to
Truncation = Annotated[float, Field(ge=0.1, le=2)]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
Latent = Annotated[str, StringConstraints(max_length=40_000)]  # see latents.py
Scale = Literal[1, 2, 4]


class Record(BaseModel):
    """A value that is checked where it comes in, and does not change."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Edit(Record):
    """One thing that was done to get a garment, in the words of the page."""

    text: Annotated[str, StringConstraints(max_length=200)]


class Garment(Record):
    """All that a garment is drawn from, and how someone came to it."""

    variant: Words
    latent: Latent
    edits: Annotated[list[Edit], Field(max_length=100)] = []


class Marks(Record):
    """What a person says of a kept garment; None leaves a mark as it is."""

    kept: bool | None = None
    starred: bool | None = None
    rating: Annotated[int, Field(ge=0, le=5)] | None = None  # 0: none
    note: Note | None = None
    tags: Annotated[list[Words], Field(max_length=50)] | None = None
    boards: Annotated[list[Words], Field(max_length=50)] | None = None


class KeptGarment(Record):
    """A garment in the collection. Its image can be drawn again from `variant` and `latent`."""

    id: int
    variant: str
    weights_sha256: str  # of the network that drew it
    latent: str
    edits: list[Edit]
    image_sha256: str  # of its PNG
    description: str
    oklab: tuple[float, float, float]  # its mean colour
    created: str  # UTC, ISO 8601
    starred: bool
    rating: int
    note: str
    tags: list[str]
    boards: list[str]


class Question(Record):
    """Which kept garments are asked for, and in which order."""

    words: Annotated[str, StringConstraints(max_length=200)] = ""  # all of them, in any order
    colour: Colour | None = None  # nearest first
    board: Words | None = None
    starred: bool = False
    order: Literal["newest", "oldest", "rating"] = "newest"
    start: Annotated[int, Field(ge=0)] = 0
    count: Annotated[int, Field(ge=1, le=500)] = 100


class Change(Record):
    """One change of the collection, as its history shows it."""

    id: int
    at: str  # UTC, ISO 8601
    text: str
    is_undone: bool
