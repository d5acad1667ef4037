import json
import threading
import time

import httpx
import pytest

from fashiongen.boards.archive import Archive
from fashiongen.boards.content import Inspector
from fashiongen.boards.downloads import open_downloads
from fashiongen.boards.feed import parse_feed
from fashiongen.boards.fetch import ImageFetcher, open_client
from fashiongen.boards.hosts import HostPolicy
from fashiongen.errors import DownloadFailed
from fashiongen.sources.standin.pin_json import feed_item

INSPECTOR = Inspector(max_megapixels=80.0, timeout_s=30.0)
LONG, FORBIDDEN, PNG = "/aurore/runway-ss26/", 7, 11


@pytest.fixture
def pins(boards_folder, site):
    """The long board's pins, without its module, with the addresses of the running site."""
    data = [feed_item(pin, site.image_host) for pin in boards_folder.boards[LONG].feed if pin.type == "pin"]
    return parse_feed(json.dumps({"resource_response": {"data": data}})).pins


@pytest.fixture
def fetcher(site, params):
    hosts = HostPolicy(frozenset({httpx.URL(site.image_host).netloc.decode()}), allow_local=True)
    with open_client(params, hosts, proxy=None) as client:
        yield ImageFetcher(client, hosts, INSPECTOR, params)


def test_an_original_arrives_as_it_was_uploaded(tmp_path, pins, fetcher, boards_folder):
    with open_downloads(fetcher, Archive(tmp_path, INSPECTOR), max_downloads=4) as downloads:
        stored = [downloads.submit(pin).result() for pin in (pins[0], pins[PNG])]
    uploads = boards_folder.path / "site/images"
    assert [one.path.read_bytes() for one in stored] == [(uploads / one.path.name).read_bytes() for one in stored]
    assert [one.path.suffix for one in stored] == [".jpg", ".png"]
    assert {one.size for one in stored} == {"originals"}


def test_a_forbidden_original_is_replaced_by_the_reduced_image(tmp_path, pins, fetcher):
    with open_downloads(fetcher, Archive(tmp_path, INSPECTOR), max_downloads=4) as downloads:
        stored = downloads.submit(pins[FORBIDDEN]).result()
    assert (stored.size, stored.path.name) == ("736x", f"{pins[FORBIDDEN].signature}.jpg")


class Recorder(ImageFetcher):
    """A fetcher that fails as told, and counts what was asked for and how much at once."""

    def __init__(self, *failures):
        self.failures = list(failures)
        self.asked = []
        self.at_once, self.most_at_once = 0, 0
        self.lock = threading.Lock()

    def fetch(self, url):
        with self.lock:
            self.asked.append(url)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        time.sleep(0.02)
        with self.lock:
            self.at_once -= 1
        raise self.failures[(len(self.asked) - 1) % len(self.failures)]


def failure(reason, *, transient=False):
    return DownloadFailed(reason, transient=transient)


@pytest.mark.parametrize(
    ("first", "requests"),
    [
        (failure("http_403"), 2),
        (failure("not_an_image"), 2),
        (failure("broken_image", transient=True), 2),
        (failure("http_503", transient=True), 1),
        (failure("timeout", transient=True), 1),
    ],
)
def test_only_a_permanent_failure_of_the_original_leads_to_the_reduced_image(tmp_path, pins, first, requests):
    fetcher = Recorder(first, failure("http_404"))
    with open_downloads(fetcher, Archive(tmp_path, INSPECTOR), max_downloads=1) as downloads:
        error = downloads.submit(pins[0]).exception()
    assert error.reason == first.reason
    assert fetcher.asked == [pins[0].original_url, pins[0].reduced_url][:requests]


def test_downloads_at_once_are_limited_and_each_image_is_requested_once(tmp_path, pins):
    fetcher = Recorder(failure("timeout", transient=True))
    with open_downloads(fetcher, Archive(tmp_path, INSPECTOR), max_downloads=3) as downloads:
        futures = [downloads.submit(pin) for pin in (*pins[:20], *pins[:20])]
        assert all(isinstance(future.exception(), DownloadFailed) for future in futures)
    assert (len(fetcher.asked), fetcher.most_at_once) == (20, 3)


def test_an_image_of_an_earlier_run_is_not_requested_again(tmp_path, pins, fetcher):
    with open_downloads(fetcher, Archive(tmp_path, INSPECTOR), max_downloads=1) as downloads:
        first = downloads.submit(pins[0]).result()
    nobody = Recorder()
    with open_downloads(nobody, Archive(tmp_path, INSPECTOR), max_downloads=1) as downloads:
        assert downloads.submit(pins[0]).result() == first
    assert nobody.asked == []


def test_an_error_cancels_the_downloads_that_have_not_started(tmp_path, pins):
    fetcher = Recorder(failure("timeout", transient=True))
    with (
        pytest.raises(KeyboardInterrupt),
        open_downloads(fetcher, Archive(tmp_path, INSPECTOR), max_downloads=1) as downloads,
    ):
        for pin in pins:
            downloads.submit(pin)
        raise KeyboardInterrupt
    assert len(fetcher.asked) < 10
