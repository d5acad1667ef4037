"""The feed over HTTP: what a member, an anonymous visitor and a careless client get."""

import json

import pytest

from fashiongen.sources.standin.database import read_site

HANDLER = {"X-Pinterest-PWS-Handler": "www/[username]/[slug].js"}


def ask(client, name="BoardFeedResource", headers=HANDLER, **options):
    query = {"source_url": "/aurore/runway-ss26/", "data": json.dumps({"options": {"board_id": "9001"} | options})}
    return client.get(f"/resource/{name}/get/", params=query, headers=headers)


def read_feed(client, name="BoardFeedResource", *, at_most=50):
    """The ids of a resource, the sizes of its pages, and the bookmark after the last that was read."""
    ids, sizes, bookmark = [], [], None
    while bookmark != "-end-" and len(sizes) < at_most:
        answer = ask(client, name, bookmarks=[bookmark] if bookmark else []).json()["resource_response"]
        ids += [item["id"] for item in answer["data"]]
        sizes.append(len(answer["data"]))
        bookmark = answer["bookmark"]
    return ids, sizes, bookmark


def test_a_member_reads_the_whole_feed_in_its_order(member, site_folder):
    ids, sizes, bookmark = read_feed(member)
    assert ids == [pin.id for pin in read_site(site_folder)[0].feed]
    assert (sizes, bookmark) == ([25, 25, 8, 25, 25, 8, 3], "-end-")


def test_a_board_is_found_by_its_address(visitor, site_folder):
    board = read_site(site_folder)[0]
    found = ask(visitor, "BoardResource", username="aurore", slug="runway-ss26").json()["resource_response"]["data"]
    assert (found["id"], found["url"], found["pin_count"]) == (board.board_id, board.url, board.pin_count)
    assert ask(visitor, "BoardResource", username="aurore", slug="nothing").status_code == 404


def test_the_bookmark_stands_among_the_options_of_the_next_request_too(member):
    answer = ask(member).json()
    assert answer["resource"]["options"]["bookmarks"] == [answer["resource_response"]["bookmark"]]


def test_an_anonymous_visitor_reads_its_beginning(visitor, site_folder):
    ids, _, bookmark = read_feed(visitor)
    assert ids == [pin.id for pin in read_site(site_folder)[0].feed][:25]
    assert bookmark == "-end-"


def test_the_end_bookmark_gives_nothing_more(member):
    answer = ask(member, bookmarks=["-end-"]).json()["resource_response"]
    assert (answer["data"], answer["bookmark"]) == ([], "-end-")


@pytest.mark.slow
def test_more_ideas_never_end_and_none_is_of_the_board(member):
    ideas, _, bookmark = read_feed(member, "BoardContentRecommendationResource", at_most=12)
    assert len(set(ideas)) == len(ideas) == 12 * 25
    assert bookmark != "-end-"
    assert not set(ideas) & set(read_feed(member)[0])


def test_without_the_handler_header_it_is_forbidden(member):
    assert ask(member, headers={}).status_code == 403


@pytest.mark.parametrize(
    ("options", "status"),
    [({"board_id": "1"}, 404), ({"bookmarks": ["nonsense"]}, 400), ({"page_size": "many"}, 400)],
)
def test_a_wrong_request_is_refused(member, options, status):
    response = ask(member, **options)
    assert (response.status_code, response.json()["resource_response"]["status"]) == (status, "failure")


@pytest.mark.parametrize("query", ["", "data=", "data=[]", "data={}", "data=%7B%22options%22%3A1%7D"])
def test_a_request_without_options_is_refused(member, query):
    assert member.get(f"/resource/BoardFeedResource/get/?{query}", headers=HANDLER).status_code == 400


def test_no_page_is_larger_than_the_sites_own(member):
    assert len(ask(member, page_size=250).json()["resource_response"]["data"]) == 25
