import hashlib
import io

import pytest
from PIL import Image

from fashiongen.boards.content import inspect_image
from fashiongen.errors import DownloadFailed


def encode(form, size=(80, 120)):
    stream = io.BytesIO()
    Image.effect_noise(size, 64).convert("RGB").save(stream, form)
    return stream.getvalue()


@pytest.mark.parametrize(("form", "ext"), [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp"), ("GIF", "gif")])
def test_the_bytes_say_what_an_image_is(form, ext):
    content = encode(form)
    facts = inspect_image(content)
    assert (facts.ext, facts.width_px, facts.height_px) == (ext, 80, 120)
    assert (facts.bytes, facts.sha256) == (len(content), hashlib.sha256(content).hexdigest())


@pytest.mark.parametrize(
    "content", [b"", b"<html></html>", b"<svg xmlns='http://www.w3.org/2000/svg'/>", encode("TIFF")]
)
def test_anything_else_is_refused(content):
    with pytest.raises(DownloadFailed, match="not_an_image"):
        inspect_image(content)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("kept", [0.5, 0.9])
def test_an_image_that_is_cut_off_is_refused(form, kept):
    content = encode(form)
    with pytest.raises(DownloadFailed, match=r"broken_image|not_an_image"):
        inspect_image(content[: int(kept * len(content))])


@pytest.mark.parametrize("limit", [80 * 120 - 1, 100])
def test_too_many_pixels_are_refused_before_they_are_decoded(monkeypatch, limit):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
    with pytest.raises(DownloadFailed, match="too_many_pixels"):
        inspect_image(encode("PNG"))
