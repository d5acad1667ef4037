"""Feed items have the shape that is known of the site's."""

import pytest

from fashiongen.sources.standin.pin_json import feed_item, image_url

HOST = "http://localhost:1"
SIGNATURE = "0123456789abcdef0123456789abcdef"


def test_an_image_lies_in_three_folders_of_its_signature():
    assert image_url(HOST, "474x", SIGNATURE, "jpg") == f"{HOST}/474x/01/23/45/{SIGNATURE}.jpg"


def test_a_pin_gives_each_size_with_its_pixels(tmp_path, make_pin):
    item = feed_item(make_pin(tmp_path, 2, ext="png"), HOST)
    sizes = {size: (image["width"], image["height"]) for size, image in item["images"].items()}
    assert sizes == {"236x": (236, 319), "474x": (474, 640), "736x": (736, 994), "orig": (800, 1080)}
    assert item["images"]["736x"]["url"].endswith(".jpg")
    assert item["images"]["orig"]["url"].endswith(f"{item['image_signature']}.png")


def test_a_small_original_is_not_enlarged(tmp_path, make_pin):
    pin = make_pin(tmp_path, 0).model_copy(update={"width": 300, "height": 400})
    assert feed_item(pin, HOST)["images"]["736x"]["width"] == 300


@pytest.mark.parametrize(("kind", "has_video", "has_story"), [("image", 0, 0), ("video", 1, 0), ("story_pin", 0, 1)])
def test_only_the_filled_field_tells_the_kind(tmp_path, make_pin, kind, has_video, has_story):
    item = feed_item(make_pin(tmp_path, 1, kind=kind), HOST)
    assert (bool(item["videos"]), bool(item["story_pin_data"]), item["is_video"]) == (has_video, has_story, False)


def test_some_titles_are_objects_and_always_the_same_ones(tmp_path, make_pin):
    pins = [make_pin(tmp_path, number) for number in range(40)]
    titles = [feed_item(pin, HOST)["title"] for pin in pins]
    objects = [title for title in titles if isinstance(title, dict)]
    assert 0 < len(objects) < len(titles) / 2
    assert titles == [feed_item(pin, HOST)["title"] for pin in pins]
    assert {title if isinstance(title, str) else title["format"] for title in titles} == {pin.title for pin in pins}


def test_a_module_is_no_pin(make_module):
    item = feed_item(make_module(1), HOST)
    assert (item["type"], item["images"]) == ("story", None)
