import hashlib
import io
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from fashiongen.boards import content as content_module
from fashiongen.boards.content import OWN_FORMATS, Inspector
from fashiongen.errors import DownloadFailed


def encode(form, size=(80, 120)):
    stream = io.BytesIO()
    Image.effect_noise(size, 64).convert("RGB").save(stream, form)
    return stream.getvalue()


WHOLE = [encode(form, (20, 30)) for form in OWN_FORMATS]
INSPECTOR = Inspector(max_megapixels=80.0, timeout_s=30.0)


@pytest.mark.parametrize(("form", "ext"), [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp"), ("GIF", "gif")])
def test_the_bytes_say_what_an_image_is(form, ext):
    content = encode(form)
    facts = INSPECTOR.inspect(content)
    assert (facts.ext, facts.width_px, facts.height_px) == (ext, 80, 120)
    assert (facts.bytes, facts.sha256) == (len(content), hashlib.sha256(content).hexdigest())


@pytest.mark.parametrize(
    "content", [b"", b"<html></html>", b"<svg xmlns='http://www.w3.org/2000/svg'/>", encode("TIFF")]
)
def test_anything_else_is_refused(content):
    with pytest.raises(DownloadFailed, match="not_an_image"):
        INSPECTOR.inspect(content)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("kept", [0.5, 0.9])
def test_an_image_that_is_cut_off_is_refused(form, kept):
    content = encode(form)
    with pytest.raises(DownloadFailed, match=r"broken_image|not_an_image"):
        INSPECTOR.inspect(content[: int(kept * len(content))])


@pytest.mark.parametrize("limit", [80 * 120 - 1, 100])
def test_too_many_pixels_are_refused_before_they_are_decoded(monkeypatch, limit):
    content = encode("PNG")
    monkeypatch.setattr(content_module.ISOLATED, "call", lambda *_, **__: pytest.fail("was decoded"))
    with pytest.raises(DownloadFailed, match="too_many_pixels"):
        Inspector(max_megapixels=limit / 1e6, timeout_s=30.0).inspect(content)


def test_images_that_are_decoded_at_the_same_time_share_the_limit(monkeypatch):
    """Eight threads, and room for two images: never more than two are decoded at once."""
    content, lock, at_once, most = encode("PNG"), threading.Lock(), 0, 0

    def call(*_, **__):
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.02)
        with lock:
            at_once -= 1

    monkeypatch.setattr(content_module.ISOLATED, "call", call)
    inspector = Inspector(max_megapixels=2.5 * 80 * 120 / 1e6, timeout_s=30.0)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: inspector.inspect(content), range(16)))
    assert most == 2


def progressive_jpeg(size, scans):
    """Black, and one of its scans so many times again: each is decoded over all pixels."""
    stream = io.BytesIO()
    Image.new("RGB", size).save(stream, "JPEG", progressive=True)
    content = stream.getvalue()
    first = content.index(b"\xff\xda")
    second = content.index(b"\xff\xda", first + 2)
    return content[:second] + content[first:second] * scans + content[second:]


def test_a_progressive_jpeg_of_thousands_of_scans_is_refused_within_a_moment():
    began = time.monotonic()
    with pytest.raises(DownloadFailed, match="too_many_scans"):
        INSPECTOR.inspect(progressive_jpeg((2000, 2000), 2000))
    assert time.monotonic() - began < 5
    assert INSPECTOR.inspect(progressive_jpeg((2000, 2000), 0)).width_px == 2000


def test_an_image_that_takes_too_long_is_ended_and_the_next_one_is_not():
    """Some seconds of decoding within all limits of pixels and scans."""
    hasty = Inspector(max_megapixels=80.0, timeout_s=0.2)
    with pytest.raises(DownloadFailed, match="too_slow"):
        hasty.inspect(progressive_jpeg((4000, 4000), 45))
    assert hasty.inspect(encode("PNG")).width_px == 80


@pytest.mark.parametrize("crash", [os.abort, partial(os._exit, 0), partial(signal.raise_signal, signal.SIGKILL)])
def test_a_decoder_that_crashes_costs_one_image(monkeypatch, crash):
    with monkeypatch.context() as patch:
        patch.setattr(content_module, "_decode", crash)
        with pytest.raises(DownloadFailed, match="broken_image"):
            INSPECTOR.inspect(encode("PNG"))
    assert INSPECTOR.inspect(encode("PNG")).width_px == 80


@given(st.data())
def test_damage_gives_facts_or_a_reason_and_nothing_else(data):
    """Bytes of whole images changed, cut and repeated anywhere, metadata included."""
    content = bytearray(data.draw(st.sampled_from(WHOLE)))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=8))
    try:
        assert INSPECTOR.inspect(bytes(content), OWN_FORMATS).width_px > 0
    except DownloadFailed as failure:
        assert failure.reason in ("not_an_image", "broken_image", "too_many_pixels", "too_many_scans")
