import json

import pytest

from fashiongen.boards.feed import FeedPage, board_of, parse_feed
from fashiongen.errors import SiteError
from fashiongen.sources.standin.pin_json import feed_item

SIGNATURE = "0123456789abcdef0123456789abcdef"
HOST = "https://i.pinimg.com"
IMAGES = {
    "736x": {"url": f"{HOST}/736x/01/23/45/{SIGNATURE}.jpg", "width": 736, "height": 1104},
    "orig": {"url": f"{HOST}/originals/01/23/45/{SIGNATURE}.png", "width": 1000, "height": 1500},
}
ITEM = {"id": "5770", "type": "pin", "title": "A coat", "image_signature": SIGNATURE, "images": IMAGES, "link": None}


def answer(*items, bookmark=None):
    return json.dumps({"resource_response": {"status": "success", "data": list(items), "bookmark": bookmark}})


def parse_one(**changes):
    (pin,) = parse_feed(answer(ITEM | changes)).pins
    return pin


def test_a_pin_keeps_its_id_title_signature_and_both_addresses():
    pin = parse_one()
    assert (pin.pin_id, pin.kind, pin.title, pin.link, pin.signature) == ("5770", "image", "A coat", "", SIGNATURE)
    assert (pin.original_url, pin.reduced_url) == (IMAGES["orig"]["url"], IMAGES["736x"]["url"])
    assert (pin.width_px, pin.height_px) == (1000, 1500)


def test_the_stand_in_site_writes_what_is_read(boards_folder):
    """Two programs that share no code agree on the form of a pin."""
    items = [item for board in boards_folder.boards.values() for item in board.feed]
    page = parse_feed(answer(*(feed_item(item, HOST) for item in items)))
    site_pins = [item for item in items if item.type == "pin"]
    assert [(pin.pin_id, pin.signature) for pin in page.pins] == [(pin.id, pin.signature) for pin in site_pins]
    assert [pin.title for pin in page.pins] == [pin.title for pin in site_pins]
    assert [pin.kind for pin in page.pins] == [pin.kind.removesuffix("_pin") for pin in site_pins]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Two\n lines ", "Two lines"),
        ({"format": "An object", "text": None}, "An object"),
        ({"text": "Text first", "format": "x"}, "Text first"),
        (None, "In the grid"),
        ("", "In the grid"),
        ({}, "In the grid"),
    ],
)
def test_a_title_is_one_line_of_text_whatever_its_form(title, expected):
    assert parse_one(title=title, grid_title="In the grid").title == expected


def test_a_video_is_known_by_its_list_not_by_its_flag():
    assert parse_one(is_video=False, videos={"video_list": {"V_HLSV4": {}}}).kind == "video"
    assert parse_one(is_video=True, videos={"video_list": {}}).kind == "image"
    assert parse_one(is_video=True, videos=None).kind == "image"


def test_story_pins_and_carousels_are_distinguished():
    assert parse_one(story_pin_data={"page_count": 2}).kind == "story"
    assert parse_one(carousel_data={"carousel_slots": [{}, {}]}).kind == "image"  # its cover is saved


def test_promoted_items_modules_and_items_without_an_id_are_left_out():
    page = parse_feed(answer(ITEM | {"is_promoted": True}, ITEM | {"type": "story"}, ITEM | {"id": None}, {}))
    assert page.pins == ()


@pytest.mark.parametrize("signature", [None, "", "../../../../etc/passwd", SIGNATURE.upper()])
def test_a_missing_signature_is_taken_from_the_address(signature):
    assert parse_one(image_signature=signature).signature == SIGNATURE
    assert parse_one(image_signature=signature, images=None).signature is None


@pytest.mark.parametrize("bookmark", [None, "", "-end-", "Y2JOb25lO3x8"])
def test_these_bookmarks_are_the_end(bookmark):
    assert parse_feed(answer(ITEM, bookmark=bookmark)).is_last


def test_a_short_page_with_a_bookmark_is_not_the_end():
    assert not FeedPage((), "UHc5TVRJ").is_last


@pytest.mark.parametrize("body", ["", "<html>", "{}", '{"resource_response": {"data": null}}', "[]"])
def test_an_answer_of_another_form_is_an_error_that_names_the_file_to_correct(body):
    with pytest.raises(SiteError, match=r"boards/feed\.py"):
        parse_feed(body)


def test_the_query_of_a_feed_names_its_board():
    query = "source_url=%2Fa%2Fb%2F&data=%7B%22options%22%3A%7B%22board_url%22%3A%22%2Fa%2Fb%2F%22%7D%7D"
    assert board_of(f"https://x.test/resource/BoardFeedResource/get/?{query}") == "/a/b/"
    assert board_of("https://x.test/resource/BoardFeedResource/get/") is None
    assert board_of("https://x.test/?data=[]") is None
