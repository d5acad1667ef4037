"""Garments into the collection and out of it again: as records that draw them again, and as files."""

import base64
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, NamedTuple

from PIL import Image
from pydantic import Base64Bytes, Field, ValidationError
from slugify import slugify
from torchvision.transforms.functional import to_pil_image

from fashiongen.errors import BadInput, FashiongenError
from fashiongen.images.oklab import to_oklab
from fashiongen.studio import questions as ask
from fashiongen.studio.appearance import describe_images, mean_colours, soft_mask
from fashiongen.studio.changes import now_utc
from fashiongen.studio.collection import Collection
from fashiongen.studio.generators import TITLES, Generators
from fashiongen.studio.latents import decode_latent, encode_latent
from fashiongen.studio.pictures import (
    Captioned,
    clear,
    encode_pdf,
    encode_png,
    encode_with_record,
    enlarge,
    lay_out,
    sha256,
)
from fashiongen.studio.records import Garment, KeptGarment, Record

FORM = "fashiongen studio 1"
PNG_START = b"\x89PNG\r\n\x1a\n"
ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # of each file in a zip, so that equal garments give equal bytes
Redraw = Literal["same", "other_network", "other_machine", "missing"]


class File(NamedTuple):
    """A file to save."""

    name: str
    media_type: str
    content: bytes


class ExportedGarment(KeptGarment):
    """A garment in an exported file."""

    png: Base64Bytes


class SliderNameRecord(Record):
    """The name that someone gave a slider."""

    weights_sha256: str
    number: int
    name: Annotated[str, Field(max_length=40)]


class Export(Record):
    """A whole collection as one JSON file."""

    form: Literal["fashiongen studio 1"]
    garments: list[ExportedGarment]
    slider_names: list[SliderNameRecord]


class KeptGarments:
    """The collection, and the networks that its garments are drawn with."""

    def __init__(self, generators: Generators, collection: Collection) -> None:
        self._generators, self._collection = generators, collection

    def keep(self, question: ask.Keep) -> list[int]:
        """Draw garments and keep them; return their ids."""
        drawn = [self._draw(garment) for garment in question.garments]
        kept, pngs = zip(*drawn, strict=True)
        what = f"Kept {kept[0].description}" if len(kept) == 1 else f"Kept {len(kept)} garments"
        return self._collection.add(kept, pngs, client=question.client, text=what)

    def _draw(self, garment: Garment) -> tuple[KeptGarment, bytes]:
        generator = self._generators[garment.variant]
        latent = decode_latent(garment.latent, latent_dim=generator.card.latent_dim)
        image = generator.draw(latent[None])
        values = image / 255
        mask = soft_mask(values, is_on_white=generator.is_on_white)
        png = encode_png(to_pil_image(image[0]))
        lightness, a, b = mean_colours(to_oklab(values), mask)[0].tolist()
        record = KeptGarment(
            id=0,
            variant=garment.variant,
            weights_sha256=generator.weights_sha256,
            latent=encode_latent(latent),
            edits=garment.edits,
            image_sha256=sha256(png),
            description=describe_images(values, is_on_white=generator.is_on_white)[0],
            oklab=(lightness, a, b),
            created=now_utc(),
            starred=False,
            rating=0,
            note="",
            tags=[],
            boards=[],
        )
        return record, png

    def redraw(self, garment: KeptGarment) -> tuple[Redraw, bytes | None]:
        """Draw a kept garment again from its record: whether its bytes are the same, and why not; the PNG.

        `other_network`: the variant was trained again since. `other_machine`: the same network gives other last bits
        here. `missing`: the variant is not trained here.
        """
        try:
            generator = self._generators[garment.variant]
        except FashiongenError:
            return "missing", None
        if generator.weights_sha256 != garment.weights_sha256:
            return "other_network", None
        latent = decode_latent(garment.latent, latent_dim=generator.card.latent_dim)
        png = encode_png(to_pil_image(generator.draw(latent[None])[0]))
        return ("same" if sha256(png) == garment.image_sha256 else "other_machine"), png

    def export(self) -> bytes:
        """All kept garments, with their pictures, and the names of sliders, as JSON."""
        names = [
            {"weights_sha256": weights, "number": number, "name": name}
            for (weights, number), name in sorted(self._collection.slider_names().items())
        ]
        return _export(self._collection.get_all(), names)

    def read(self, content: bytes, *, client: str) -> int:
        """Add the garments of an exported file; return their number. Those that are there keep their marks.

        Raises:
            BadInput: it is no such file, or a picture in it is not the one that its record names.
        """
        try:
            whole = Export.model_validate_json(content)
        except ValidationError as error:
            if f'"{FORM}"'.encode() not in content[:1000]:
                raise BadInput("this is no file that the studio exported") from error
            fault = error.errors()[0]
            where = ".".join(map(str, fault["loc"])) or "the file"
            raise BadInput(f"a damaged export of the studio: {where}: {fault['msg']}") from error
        for garment in whole.garments:
            _require_picture(garment)
        if whole.garments:
            pngs = [garment.png for garment in whole.garments]
            self._collection.add(
                whole.garments, pngs, client=client, text=f"Read {len(whole.garments)} garments from a file"
            )
        for one in whole.slider_names:
            self._collection.name_slider(one.weights_sha256, one.number, one.name)
        return len(whole.garments)

    def take(self, question: ask.Take) -> File:
        """Garments as one file: a PNG or a zip of PNGs, a contact sheet (or a zip of them), a PDF, or an export.

        Raises:
            BadInput: none is asked for, or a garment with a background is to stand on a transparent ground.
            MissingInput: a kept garment is not there.
        """
        chosen = self._choose(question)
        if not chosen:
            raise BadInput("no garment is chosen")
        if question.format == "json":
            return File("garments.json", "application/json", _export(chosen, []))
        images = [self._finish(garment, png, question) for garment, png in chosen]
        if question.format == "png":
            named = [
                (f"{_name(garment, place)}.png", encode_with_record(image, garment.model_dump_json()))
                for place, ((garment, _), image) in enumerate(zip(chosen, images, strict=True), start=1)
            ]
            return _one_or_zip(named, "image/png")
        sheets = lay_out([self._caption(garment, image) for (garment, _), image in zip(chosen, images, strict=True)])
        if question.format == "pdf":
            return File("garments.pdf", "application/pdf", encode_pdf(sheets))
        return _one_or_zip(
            [(f"garments-{number}.png", encode_png(sheet)) for number, sheet in enumerate(sheets, start=1)], "image/png"
        )

    def _choose(self, question: ask.Take) -> list[tuple[KeptGarment, bytes]]:
        kept = [(self._collection.get(number), self._collection.get_png(number)) for number in question.ids]
        return [*kept, *(self._draw(garment) for garment in question.garments)]

    def _caption(self, garment: KeptGarment, image: Image.Image) -> Captioned:
        card = self._generators.cards.get(garment.variant)
        source = garment.variant if card is None else TITLES[card.source]
        detail = garment.note or ", ".join(garment.tags) or f"{source}, {garment.created[:10]}"
        return Captioned(image, garment.description[:1].upper() + garment.description[1:], detail)

    def _finish(self, garment: KeptGarment, png: bytes, question: ask.Take) -> Image.Image:
        image = Image.open(io.BytesIO(png)).convert("RGB")
        if question.ground == "transparent":
            card = self._generators.cards.get(garment.variant)
            if card is not None and card.source != "cutouts":
                raise BadInput(
                    f"{garment.description}: drawn with its background; only garments on white can be cleared"
                )
            image = clear(image)
        return enlarge(image, question.scale)


def _export(garments: Sequence[tuple[KeptGarment, bytes]], slider_names: Sequence[Mapping[str, object]]) -> bytes:
    """Garments with their PNGs as the content of an exported file."""
    rows = [garment.model_dump(mode="json") | {"png": base64.b64encode(png).decode()} for garment, png in garments]
    whole = {"form": FORM, "garments": rows, "slider_names": slider_names}
    return json.dumps(whole, ensure_ascii=False, indent=1).encode()


def _require_picture(garment: ExportedGarment) -> None:
    """Make sure that the picture of a record is the one that it names.

    Raises:
        BadInput: it is not, or is no PNG.
    """
    if sha256(garment.png) != garment.image_sha256 or not garment.png.startswith(PNG_START):
        raise BadInput(f"garment {garment.id} of the file: its picture is not the one of its record; export it again")


def _name(garment: KeptGarment, place: int) -> str:
    return f"{place:03}-{slugify(garment.description)}"


def _one_or_zip(named: Sequence[tuple[str, bytes]], media_type: str) -> File:
    """The one file, or all of them in a zip."""
    if len(named) == 1:
        return File(named[0][0], media_type, named[0][1])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:  # PNG is compressed already
        for name, content in named:
            archive.writestr(zipfile.ZipInfo(name, ZIP_TIME), content)
    return File("garments.zip", "application/zip", buffer.getvalue())
