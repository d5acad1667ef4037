"""What is kept is drawn again to the byte, in every place that it went to."""

import io
import json
import zipfile

import numpy as np
import pytest
from PIL import Image

from fashiongen.errors import BadInput, MissingInput
from fashiongen.studio.collection import Collection
from fashiongen.studio.kept_garments import KeptGarments
from fashiongen.studio.latents import encode_latent
from fashiongen.studio.pictures import sha256
from fashiongen.studio.questions import Keep, Take
from fashiongen.studio.records import Edit, Garment, Marks, Question


def garments_of(generator, count, variant="cutout"):
    latents = generator.sample(0, count, seed=5, truncation=0.9)
    return [
        Garment(variant=variant, latent=encode_latent(latent), edits=[Edit(text=f"Number {place}")])
        for place, latent in enumerate(latents)
    ]


@pytest.fixture
def kept(kept_garments, generator):
    """Six kept garments: their ids."""
    return kept_garments.keep(Keep(garments=garments_of(generator, 6), client="me"))


def take(kept_garments, ids, **options):
    return kept_garments.take(Take(ids=ids, **({"format": "png", "scale": 1, "ground": "white"} | options)))


def test_every_garment_is_drawn_again_to_the_byte(kept_garments, collection, kept):
    for number in kept:
        verdict, png = kept_garments.redraw(collection.get(number))
        assert verdict == "same"
        assert png == collection.get_png(number)


def test_export_and_import_lose_nothing(kept_garments, collection, generators, kept, tmp_path):
    collection.mark(kept[:2], Marks(note="«Ü» 🧥", tags=["a"], boards=["B"], rating=4), client="me", text="Marked")
    collection.name_slider("0" * 64, 2, "Swing")
    exported = kept_garments.export()
    other = Collection(tmp_path / "other.sqlite")
    second = KeptGarments(generators, other)
    assert second.read(exported, client="you") == 6
    ours, theirs = (one.get_all() for one in (collection, other))
    assert [png for _, png in ours] == [png for _, png in theirs]
    for (mine, _), (yours, _) in zip(ours, theirs, strict=True):
        assert mine.model_copy(update={"id": 0}) == yours.model_copy(update={"id": 0})
        assert second.redraw(yours)[0] == "same"
    assert other.slider_names() == collection.slider_names()
    assert second.read(exported, client="you") == 6  # twice is once
    assert other.find(Question())[0] == 6
    assert json.loads(second.export())["garments"][0]["note"] == "«Ü» 🧥"


def test_a_network_that_changed_is_said(kept_garments, collection, generators, generator, kept):
    changed = type(generator)(generator.card, "1" * 64, generator.network)
    generators._loaded["cutout"] = changed
    assert kept_garments.redraw(collection.get(kept[0])) == ("other_network", None)
    del generators._loaded["cutout"], generators.cards["cutout"], generators._folders["cutout"]
    assert kept_garments.redraw(collection.get(kept[0])) == ("missing", None)
    assert take(kept_garments, kept[:1]).content  # the picture that was kept is still there


@pytest.mark.parametrize("spoil", ["png", "sha", "form", "latent", "json", "extra"])
def test_a_file_that_is_no_export_is_refused_whole(kept_garments, kept, tmp_path, generators, spoil):
    assert kept
    whole = json.loads(kept_garments.export())
    first = whole["garments"][-1]
    match spoil:
        case "png":
            first["png"] = first["png"][:-8] + "AAAAAAA="
        case "sha":
            first["image_sha256"] = "0" * 64
        case "form":
            whole["form"] = "fashiongen studio 2"
        case "latent":
            del first["latent"]
        case "extra":
            first["surprise"] = 1
    content = json.dumps(whole).encode()[: 400 if spoil == "json" else None]
    other = Collection(tmp_path / "other.sqlite")
    with pytest.raises(BadInput, match=r"export"):
        KeptGarments(generators, other).read(content, client="me")
    assert other.find(Question())[0] == 0


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_a_png_has_the_size_and_the_record(kept_garments, collection, kept, scale):
    file = take(kept_garments, kept[:1], scale=scale)
    image = Image.open(io.BytesIO(file.content))
    assert image.size == (32 * scale, 64 * scale)
    record = json.loads(image.text["fashiongen"])
    assert record["latent"] == collection.get(kept[0]).latent
    if scale == 1:
        drawn = Image.open(io.BytesIO(collection.get_png(kept[0])))
        assert np.array_equal(np.asarray(image), np.asarray(drawn))


def test_a_transparent_ground_over_white_is_the_garment(kept_garments, collection, kept):
    image = Image.open(io.BytesIO(take(kept_garments, kept[:1], ground="transparent").content))
    assert image.mode == "RGBA"
    assert np.asarray(image)[0, 0, 3] == 0
    white = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    drawn = Image.open(io.BytesIO(collection.get_png(kept[0])))
    assert np.abs(np.asarray(white, int) - np.asarray(drawn, int)).max() <= 20


def test_many_are_a_zip_and_the_same_bytes_each_time(kept_garments, kept):
    file = take(kept_garments, kept)
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        assert archive.testzip() is None
        assert [name[:4] for name in archive.namelist()] == [f"{place:03}-" for place in range(1, 7)]
    assert file == take(kept_garments, kept)


def test_a_contact_sheet_shows_all_with_captions(kept_garments, collection, kept):
    collection.mark(kept[:1], Marks(note="A note that is far too long for its place " * 4), client="me", text="Wrote")
    sheet = Image.open(io.BytesIO(take(kept_garments, kept, format="sheet").content))
    assert sheet.size == (60 + 6 * 360, 60 + 600 + 86 + 60)
    captions = np.asarray(sheet.convert("L"))[60 + 600 :]
    for column in range(6):
        assert captions[:, 60 + 360 * column : 360 + 360 * column].min() < 80
        assert captions[:, 360 * (column + 1) + 2 : 360 * (column + 1) + 58].min() == 255  # nothing between two


def test_a_pdf_has_a_page_for_each_sheet(kept_garments, generator):
    ids = kept_garments.keep(Keep(garments=garments_of(generator, 30), client="me"))
    content = take(kept_garments, ids, format="pdf").content
    assert content.startswith(b"%PDF-")
    assert content.count(b"/Type /Page\n") + content.count(b"/Type /Page ") + content.count(b"/Type /Page/") == 2


def test_records_as_json_draw_the_garments_again(kept_garments, collection, generators, kept):
    rows = json.loads(take(kept_garments, kept, format="json").content)["garments"]
    garments = [Garment(variant=row["variant"], latent=row["latent"]) for row in rows]
    again = KeptGarments(generators, collection)
    assert [sha256(again._draw(garment)[1]) for garment in garments] == [row["image_sha256"] for row in rows]


def test_what_is_not_kept_can_be_taken_away(kept_garments, generator):
    (garment,) = garments_of(generator, 1)
    file = kept_garments.take(Take(garments=[garment], format="png", scale=1, ground="white"))
    assert Image.open(io.BytesIO(file.content)).size == (32, 64)


def test_what_cannot_be_taken_away_is_said(kept_garments, generators, collection):
    with pytest.raises(BadInput, match="no garment"):
        take(kept_garments, [])
    with pytest.raises(MissingInput, match="garment 99"):
        take(kept_garments, [99])
    garments = garments_of(generators["cropped"], 1, "cropped")
    with pytest.raises(BadInput, match="background"):
        kept_garments.take(Take(garments=garments, format="png", scale=1, ground="transparent"))


def test_a_record_that_was_taken_away_can_be_imported(kept_garments, generators, kept, tmp_path):
    other = KeptGarments(generators, Collection(tmp_path / "other.sqlite"))
    assert other.read(take(kept_garments, kept[:2], format="json").content, client="me") == 2


@pytest.mark.parametrize("text", ["日本 Зима 🌸 note — é", "a" * 400, "", "\n\t"])
def test_a_caption_of_any_letters_is_drawn(kept_garments, collection, kept, text):
    """What no font has is a question mark, so that a caption is never shorter than its note."""
    collection.mark(kept[:1], Marks(note=text), client="me", text="Wrote")
    sheet = Image.open(io.BytesIO(take(kept_garments, kept[:1], format="sheet").content)).convert("L")
    columns = np.flatnonzero(np.asarray(sheet)[60 + 600 + 12 + 30 : 60 + 600 + 86, 60:].min(axis=0) < 200)
    assert columns.max(initial=0) < 300
    if text.startswith("日"):
        assert columns.max() > 150
