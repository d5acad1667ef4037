import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashiongen.boards.feed import FeedPage, FeedRequest, parse_feed
from fashiongen.errors import SiteError
from fashiongen.files import read_csv, write_csv
from fashiongen.images.manifest import PinRecord
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


def test_a_pin_has_its_day_and_the_stand_in_site_sends_it_as_the_live_one(boards_folder):
    pin = next(iter(boards_folder.boards.values())).feed[0]
    dated = feed_item(pin.model_copy(update={"created_at": datetime(2026, 1, 24, 10, 11, 12, tzinfo=UTC)}), HOST)
    assert dated["created_at"] == "Sat, 24 Jan 2026 10:11:12 +0000"
    page = parse_feed(answer(dated, feed_item(pin.model_copy(update={"id": "1"}), HOST)))
    assert [one.pinned_on for one in page.pins] == ["2026-01-24", ""]


@pytest.mark.parametrize(
    ("created_at", "day"),
    [
        ("Sat, 24 Jan 2026 10:11:12 +0000", "2026-01-24"),
        ("24 Jan 2026 10:11:12 GMT", "2026-01-24"),
        ("Sat, 24 Jan 2026 23:30:00 -0500", "2026-01-25"),
        ("Sat, 24 Jan 2026 01:30:00 +0900", "2026-01-23"),
        ("Sat, 24 Jan 2026 23:30:00 -0000", "2026-01-24"),  # a zone that is not known counts as UTC
        ("Fri, 31 Dec 9999 23:30:00 -0500", ""),
        ("Tue, 1 Jan 2999 00:00:00 +0000", ""),
        ("Thu, 1 Jan 1970 00:00:00 +0000", ""),
        ("Sat, 31 Feb 2026 10:11:12 +0000", ""),
        ("Sat, 24 Jan 99999999999 10:11:12 +0000", ""),
        ("yesterday", ""),
        ("", ""),
        ("9" * 10_000, ""),
        (None, ""),
        (1769249472, ""),
        ({"at": "Sat, 24 Jan 2026 10:11:12 +0000"}, ""),
    ],
)
def test_a_day_is_in_utc_and_whatever_is_none_is_empty(created_at, day):
    assert parse_one(created_at=created_at).pinned_on == day


@given(st.text(max_size=70) | st.from_regex(r"\w{0,3},? ?\d{1,3} [JFM]\w{2} \d{1,5} \d\d:\d\d:\d\d [+-]\d{1,6}"))
def test_no_text_of_a_day_is_an_error(text):
    day = parse_one(created_at=text).pinned_on
    assert not day or date.fromisoformat(day).isoformat() == day


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


def story(*blocks):
    return {"page_count": 1, "pages": [{"blocks": list(blocks)}]}


def test_a_story_is_an_image_where_its_only_page_is_one():
    block = {"image": {"images": IMAGES}}
    assert parse_one(story_pin_data={"page_count": 2}).kind == "story"
    assert parse_one(story_pin_data=story(block)).kind == "story_image"
    assert parse_one(story_pin_data=story(block, block)).kind == "story"
    assert parse_one(story_pin_data=story({"video": {}})).kind == "story"
    assert parse_one(story_pin_data=story(block) | {"pages": story(block)["pages"] * 2}).kind == "story"


def test_a_carousel_gives_each_of_its_images():
    slots = [{"images": {"orig": {"url": f"{HOST}/originals/01/23/45/{digit * 32}.jpg"}}} for digit in "abc"]
    pins = parse_feed(answer(ITEM | {"carousel_data": {"carousel_slots": slots}})).pins
    assert [(pin.pin_id, pin.signature) for pin in pins] == [
        ("5770", "a" * 32),
        ("5770-2", "b" * 32),
        ("5770-3", "c" * 32),
    ]
    assert {pin.title for pin in pins} == {"A coat"}
    assert parse_one(carousel_data={"carousel_slots": slots[:1]}).signature == SIGNATURE
    assert parse_one(carousel_data={"carousel_slots": [{}, None]}).signature == SIGNATURE


def test_a_carousels_image_without_an_original_loses_none_of_the_others():
    """The address of a smaller one tells that of the original; where there is none, the row remains."""
    addresses = [f"{HOST}/{size}/01/23/45/{digit * 32}.jpg" for size, digit in (("originals", "a"), ("474x", "b"))]
    slots = [{"images": {"orig": {"url": addresses[0]}}}, {"images": {"474x": {"url": addresses[1]}}}, {"images": 7}]
    pins = parse_feed(answer(ITEM | {"carousel_data": {"carousel_slots": slots}})).pins
    assert [(pin.pin_id, pin.original_url) for pin in pins] == [
        ("5770", addresses[0]),
        ("5770-2", addresses[1].replace("474x", "originals")),
        ("5770-3", None),
    ]


def test_promoted_items_and_modules_are_left_out():
    page = parse_feed(answer(ITEM | {"is_promoted": True}, ITEM | {"type": "story"}, ITEM | {"type": "module"}))
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


@pytest.mark.parametrize("body", ["", "<html>", "{}", '{"resource_response": {"data": null}}', "[]", "[" * 100_000])
def test_an_answer_of_another_form_is_an_error_that_names_the_file_to_correct(body):
    with pytest.raises(SiteError, match=r"boards/feed\.py"):
        parse_feed(body)


def test_a_search_has_its_list_one_level_deeper():
    body = json.dumps({"resource_response": {"data": {"results": [ITEM]}, "bookmark": "b"}})
    assert [pin.pin_id for pin in parse_feed(body).pins] == ["5770"]


# What a value of the web's JSON can be in place of what is expected.
ODD = [
    None,
    True,
    7,
    -1,
    1.5,
    float("nan"),
    "",
    "text",
    "=cmd()",
    "\ud83d half an emoji",
    "a\0b\rc",
    "x" * 200_000,
    [],
    [1],
    {},
    {"a": 1},
]


def read_back(pin, tmp_path):
    """The title and link of a pin after they were written into a table and read again."""
    record = PinRecord(
        pin_id=pin.pin_id, board="/a/b/", brand="A", season="", section="", title=pin.title, link=pin.link,
        signature="", file="",
        width_px=pin.width_px, height_px=pin.height_px, bytes=None, sha256="", outcome="saved",
    )  # fmt: skip
    write_csv(tmp_path / "pins.csv", PinRecord, [record])
    (row,) = read_csv(tmp_path / "pins.csv", PinRecord)
    return row.title, row.link


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd)[:20])
@pytest.mark.parametrize(
    "path",
    [
        *(
            [key]
            for key in (*ITEM, "description", "grid_title", "videos", "story_pin_data", "carousel_data", "is_promoted")
        ),
        ["images", "orig"],
        ["images", "736x"],
        *(["images", "orig", key] for key in ("url", "width", "height")),
        ["videos", "video_list"],
        ["story_pin_data", "pages"],
        ["carousel_data", "carousel_slots"],
    ],
    ids=".".join,
)
def test_one_odd_value_costs_at_most_its_own_pin(path, odd, tmp_path):
    """The others of the page are as they were, and what is kept of the odd one can be written and read."""
    item = json.loads(json.dumps(ITEM))
    inner = item
    for key in path[:-1]:
        inner = inner.setdefault(key, {})
    inner[path[-1]] = odd
    pins = parse_feed(answer(ITEM | {"id": "1"}, item, ITEM | {"id": "2"})).pins
    assert [pins[0].pin_id, pins[-1].pin_id] == ["1", "2"]
    for pin in pins[1:-1]:
        title, link = read_back(pin, tmp_path)
        assert (title, link) == (pin.title, pin.link)
        assert len(title) <= 501 and not title.startswith(("=", "+", "-", "@"))
        assert pin.signature in (SIGNATURE, None)


@pytest.mark.parametrize("item", ODD, ids=lambda odd: repr(odd)[:20])
def test_an_item_without_an_id_is_a_row_of_its_own(item):
    first, odd, last = parse_feed(answer(ITEM | {"id": "1"}, item, ITEM | {"id": "2"})).pins
    assert (first.pin_id, last.pin_id) == ("1", "2")
    assert (odd.kind, odd.signature) == ("unreadable", None)


def test_a_number_of_thousands_of_digits_costs_nothing_else():
    body = answer(ITEM).replace('"width": 1000', f'"width": {"9" * 5000}')
    assert [(pin.width_px, pin.height_px) for pin in parse_feed(body).pins] == [(None, 1500)]


def test_an_image_is_found_by_its_smaller_addresses_where_the_original_has_none():
    pin = parse_one(
        images={"orig": None, "236x": {"url": f"{HOST}/236x/01/23/45/{SIGNATURE}.jpg"}}, image_signature=None
    )
    assert (pin.signature, pin.reduced_url) == (SIGNATURE, f"{HOST}/736x/01/23/45/{SIGNATURE}.jpg")


QUERY = "source_url=%2Fa%2Fb%2F&data=%7B%22options%22%3A%7B%22board_url%22%3A%22%2Fa%2Fb%2F%22%7D%7D"
FEED = FeedRequest(f"https://x.test/resource/BoardFeedResource/get/?{QUERY}")


def test_the_query_of_a_feed_names_its_board():
    assert (FEED.board, FEED.bookmark) == ("/a/b/", None)
    assert FeedRequest("https://x.test/resource/BoardFeedResource/get/").board is None
    assert FeedRequest("https://x.test/?data=[]").board is None
    assert FeedRequest("https://x.test/?data={").board is None


@pytest.mark.parametrize("bookmark", ["abc==", "ü &?=", None])
def test_the_request_for_another_page_differs_in_its_bookmark_alone(bookmark):
    other = FEED.at(bookmark)
    assert (other.board, other.bookmark) == ("/a/b/", bookmark)
    assert other.url.partition("&data")[0] == FEED.url.partition("&data")[0]
    assert other.at(None) == FEED.at(None)
