"""The image host: originals byte for byte or forbidden, and smaller sizes as JPEG."""

import io
from urllib.parse import urlsplit

import httpx
import pytest
from PIL import Image

from fashiongen.sources.standin.database import image_path, read_site
from fashiongen.sources.standin.pin_json import image_url
from fashiongen.sources.standin.server import serve


@pytest.fixture(scope="module")
def pins(site_folder):
    """The pins of the long board by their place in the feed."""
    return read_site(site_folder)[0].feed


def get(site, pin, size, ext=None):
    return httpx.get(image_url(site.image_host, size, pin.signature, ext or pin.ext), trust_env=False)


@pytest.mark.parametrize(("place", "media_type"), [(0, "image/jpeg"), (8, "image/png")])
def test_an_original_is_the_uploaded_bytes(site, site_folder, pins, place, media_type):
    response = get(site, pins[place], "originals")
    assert response.content == image_path(site_folder, pins[place]).read_bytes()
    assert response.headers["content-type"] == media_type


def test_a_forbidden_original_answers_xml_while_its_736x_is_there(site, pins):
    response = get(site, pins[7], "originals")
    assert (response.status_code, response.headers["content-type"]) == (403, "application/xml")
    assert "<Code>AccessDenied</Code>" in response.text
    assert get(site, pins[7], "736x").status_code == 200


@pytest.mark.parametrize("size", ["236x", "474x", "736x"])
@pytest.mark.parametrize("place", [2, 8])
def test_a_smaller_size_is_a_jpeg_of_that_width(site, pins, size, place):
    content = get(site, pins[place], size, "jpg").content
    width = int(size[:-1])
    with Image.open(io.BytesIO(content)) as image:
        assert (image.format, image.size) == ("JPEG", (width, round(pins[place].height * width / 800)))


def test_a_smaller_size_keeps_the_colours(site, site_folder, pins):
    with Image.open(io.BytesIO(get(site, pins[2], "236x").content)) as small:
        middle = small.getpixel((118, 100))
    with Image.open(image_path(site_folder, pins[2])) as original:
        assert middle == pytest.approx(original.getpixel((400, 400)), abs=4)


def test_another_run_of_the_site_gives_the_same_bytes(site, site_folder, pins):
    with serve(site_folder) as again:
        assert get(again, pins[4], "474x").content == get(site, pins[4], "474x").content


@pytest.mark.parametrize(
    "path",
    [
        f"/736x/ab/cd/ef/{'abcdef' + '0' * 26}.jpg",
        "/736x/ab/cd/ef/..%2F..%2Fboards.jpg",
        "/originals/../boards.json",
        "/login/",
    ],
)
def test_what_is_no_image_is_not_found(site, path):
    assert httpx.get(site.image_host + path, trust_env=False).status_code == 404


def test_the_folders_must_be_those_of_the_signature(site, pins):
    url = image_url(site.image_host, "736x", pins[0].signature, "jpg")
    wrong = url.replace(f"/736x/{pins[0].signature[:2]}/", "/736x/zz/")
    assert httpx.get(wrong, trust_env=False).status_code == 404


def test_an_original_under_another_extension_is_not_found(site, pins):
    assert get(site, pins[8], "originals", "jpg").status_code == 404


def test_an_avatar_is_75_pixels_square(site, pins):
    with Image.open(io.BytesIO(get(site, pins[0], "75x75_RS").content)) as image:
        assert image.size == (75, 75)


def test_the_image_host_has_another_name_than_the_site(site):
    """Cookies are kept apart by host name, not by port."""
    assert urlsplit(site.image_host).hostname != urlsplit(site.url).hostname
