"""The downloader against a server that misbehaves in every way that image hosts have been seen to."""

import io
import socket
import struct
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from PIL import Image

from fashiongen.boards.content import Inspector
from fashiongen.boards.fetch import ImageFetcher, open_client, parse_retry_after
from fashiongen.boards.hosts import HostPolicy
from fashiongen.errors import DownloadFailed


def encode(form):
    stream = io.BytesIO()
    Image.effect_noise((90, 120), 64).convert("RGB").save(stream, form)
    return stream.getvalue()


JPEG, PNG = encode("JPEG"), encode("PNG")
REST = f"bytes={len(JPEG) // 2}-"
DATE = "Wed, 21 Oct 2015 07:28:00 GMT"


class Host(BaseHTTPRequestHandler):
    """Each path misbehaves in its own way; `asked` counts the requests, `cookies` keeps what they brought."""

    def do_GET(self):
        self.server.asked[self.path] += 1
        self.server.cookies.append(self.headers["Cookie"])
        self.server.ranges.append((self.headers["Range"], self.headers["If-Range"]))
        getattr(self, f"serve_{self.path.split('/')[1]}")(self.server.asked[self.path])

    def log_message(self, *args):
        """Keep quiet."""

    def answer(self, status, body=b"", length=None, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if length != "none":
            self.send_header("Content-Length", str(length or len(body)))
        self.end_headers()
        self.wfile.write(body)

    def redirect(self, location):
        self.answer(302, Location=location, Set_Cookie="tracker=1")

    def serve_good(self, count):
        self.answer(200, JPEG, Content_Type="image/jpeg")

    def serve_mislabelled(self, count):
        self.answer(200, PNG, Content_Type="text/plain")

    def serve_html(self, count):
        self.answer(200, b"<!doctype html><p>Sign in", Content_Type="image/jpeg")

    def serve_forbidden(self, count):
        self.answer(403, b"<Error><Code>AccessDenied</Code></Error>", Content_Type="application/xml")

    def serve_empty(self, count):
        self.answer(200)

    def serve_short(self, count):
        self.answer(200, JPEG[:-100], length=len(JPEG))

    def serve_cut(self, count):
        self.answer(200, JPEG[: len(JPEG) // 2], length="none")

    def serve_huge(self, count):
        self.answer(200, bytes(200_000))

    def serve_endless(self, count):
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(bytes(65536))
        except OSError:
            pass

    def serve_drip(self, count):
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b".")
                time.sleep(0.05)
        except OSError:
            pass

    def serve_dripping_header(self, count):
        self.drip(b"X-Filler: 1\r\n")

    def serve_dripping_chunks(self, count):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        self.drip(b"1;extension\r\nx\r\n")

    def drip(self, piece):
        self.close_connection = True
        try:
            if self.path == "/dripping_header":
                self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            while True:
                self.wfile.write(piece)
                time.sleep(0.05)
        except OSError:
            pass

    def serve_reset(self, count):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()
        self.wfile = io.BytesIO()

    def serve_busy(self, count):
        status = int(self.path.split("/")[2])
        self.answer(200, JPEG) if count == 3 else self.answer(status)

    def serve_wait(self, count):
        self.answer(200, JPEG) if count == 2 else self.answer(429, Retry_After=self.path.split("/")[2])

    def serve_down(self, count):
        self.answer(503)

    def serve_moved(self, count):
        self.redirect("/good")

    def serve_loop(self, count):
        self.redirect(self.path)

    def serve_elsewhere(self, count):
        self.redirect(f"http://127.0.0.1:{self.server.server_port}/good")

    def serve_broken(self, count):
        """The first half, then what the kind of this host makes of a request for the rest."""
        kind, half = self.path.split("/")[2], len(JPEG) // 2
        version = {"Last_Modified": DATE} if kind in ("dated", "weak") else {"ETag": '"v1"'}
        version |= {"weak": {"ETag": 'W/"v1"'}, "unnamed": {"ETag": ""}}.get(kind, {})
        if count == 1:
            self.answer(200, JPEG[:half], length=len(JPEG), **version)
            self.close_connection = True
        elif kind == "changed":
            self.answer(200, PNG, ETag='"v2"')
        elif not self.headers["Range"] or kind == "ignoring":
            self.answer(200, JPEG, **version)
        elif kind == "shifted":
            self.answer(206, JPEG[half + 1 :], Content_Range=f"bytes {half + 1}-{len(JPEG) - 1}/{len(JPEG)}")
        elif kind == "refusing":
            self.answer(416, Content_Range=f"bytes */{len(JPEG)}")
        else:
            self.answer(206, JPEG[half:], Content_Range=f"bytes {half}-{len(JPEG) - 1}/{len(JPEG)}")

    def serve_nowhere(self, count):
        self.redirect("http://[")


@pytest.fixture(scope="module")
def server():
    with ThreadingHTTPServer(("localhost", 0), Host) as running:
        running.asked, running.cookies, running.ranges = Counter(), [], []
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def fetch(server, params, request):
    """Fetch a path of the server, whose counts start afresh."""
    server.asked.clear()
    server.cookies.clear()
    server.ranges.clear()
    netloc = f"localhost:{server.server_port}"
    patience_s = 0.5 if "drip" in request.node.name else 60.0  # a loaded machine may take long over any other answer
    params = params.model_copy(update={"request_timeout_s": patience_s})
    hosts = HostPolicy(frozenset({netloc}), allow_local=True)
    with open_client(params, hosts, proxy=None) as client:
        fetcher = ImageFetcher(client, hosts, Inspector(max_megapixels=80.0, timeout_s=30.0), params)
        yield lambda path: fetcher.fetch(f"http://{netloc}{path}")


def test_an_image_arrives_byte_for_byte(fetch):
    download = fetch("/good")
    assert download.content == JPEG
    assert (download.facts.ext, download.facts.width_px, download.facts.height_px) == ("jpg", 90, 120)


def test_the_bytes_decide_the_extension_not_the_header(fetch):
    assert fetch("/mislabelled").facts.ext == "png"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/forbidden", "http_403"),
        ("/html", "not_an_image"),
        ("/empty", "not_an_image"),
        ("/huge", "too_many_bytes"),
        ("/endless", "too_many_bytes"),
        ("/elsewhere", "host"),
        ("/nowhere", "host"),
    ],
)
def test_a_permanent_failure_is_not_retried(fetch, server, path, reason):
    with pytest.raises(DownloadFailed) as failure:
        fetch(path)
    assert failure.value.reason == reason
    assert not failure.value.transient
    assert server.asked == {path: 1}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/short", "connection"),
        ("/cut", "broken_image"),
        ("/reset", "connection"),
        ("/drip", "timeout"),
        ("/dripping_header", "timeout"),
        ("/dripping_chunks", "timeout"),
        ("/down", "http_503"),
    ],
)
def test_a_transient_failure_is_retried_as_often_as_the_params_say(fetch, server, params, path, reason):
    with pytest.raises(DownloadFailed) as failure:
        fetch(path)
    assert failure.value.reason == reason
    limit_s = time.monotonic() + 60
    while server.asked[path] < params.attempts and time.monotonic() < limit_s:
        time.sleep(0.05)  # a loaded machine may serve the last request after the caller lost its patience
    assert server.asked == {path: params.attempts}


@pytest.mark.parametrize(
    ("kind", "content", "wanted"),
    [
        ("named", JPEG, [(REST, '"v1"')]),
        ("dated", JPEG, [(REST, DATE)]),
        ("weak", JPEG, [(REST, DATE)]),  # a weak name does not promise the same bytes
        ("unnamed", JPEG, [(None, None)]),
        ("changed", PNG, [(REST, '"v1"')]),
        ("ignoring", JPEG, [(REST, '"v1"')]),
        ("shifted", JPEG, [(REST, '"v1"'), (None, None)]),
        ("refusing", JPEG, [(REST, '"v1"'), (None, None)]),
    ],
)
def test_after_a_break_only_the_rest_is_asked_for(fetch, server, kind, content, wanted):
    assert fetch(f"/broken/{kind}").content == content
    assert server.ranges == [(None, None), *wanted]


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_retry_succeeds_when_the_host_recovers(fetch, server, status):
    assert fetch(f"/busy/{status}").content == JPEG
    assert server.asked == {f"/busy/{status}": 3}


@pytest.mark.slow
def test_a_retry_waits_as_long_as_the_host_asks(fetch):
    start_s = time.monotonic()
    assert fetch("/wait/1").content == JPEG
    assert time.monotonic() - start_s >= 1


def test_a_host_that_asks_for_a_long_pause_is_asked_for_nothing_more(fetch, server):
    for path in ("/wait/3600", "/good"):
        with pytest.raises(DownloadFailed, match="throttled") as failure:
            fetch(path)
        assert failure.value.is_passing
    assert server.asked == {"/wait/3600": 1}


@pytest.mark.slow
def test_a_pause_that_the_host_asks_for_holds_all_images(fetch, server):
    """Eight threads: the first refusal stops the others, which get their images after the pause."""
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(fetch, "/wait/1")
        while not server.asked["/wait/1"]:
            time.sleep(0.01)
        time.sleep(0.2)
        began = time.monotonic()
        others = [pool.submit(fetch, "/good") for _ in range(7)]
        assert [one.result().content for one in (first, *others)] == [JPEG] * 8
    assert time.monotonic() - began > 0.5
    assert server.asked == {"/wait/1": 2, "/good": 7}


def test_a_redirect_on_the_host_is_followed_and_carries_no_cookie(fetch, server):
    assert fetch("/moved").content == JPEG
    assert server.asked == {"/moved": 1, "/good": 1}
    assert server.cookies == [None, None]


def test_a_loop_of_redirects_ends(fetch, server):
    with pytest.raises(DownloadFailed, match="too_many_redirects"):
        fetch("/loop")
    assert server.asked["/loop"] == 6


def test_a_pause_is_given_in_seconds_or_as_a_date():
    assert parse_retry_after("7") == 7
    moment = (datetime.now(UTC) + timedelta(seconds=60)).replace(microsecond=0)
    before_s, pause_s, after_s = (
        (moment - datetime.now(UTC)).total_seconds(),
        parse_retry_after(format_datetime(moment)),
        (moment - datetime.now(UTC)).total_seconds(),
    )
    assert after_s <= pause_s <= before_s
    assert parse_retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert parse_retry_after("") is None
    assert parse_retry_after("soon") is None
    assert parse_retry_after("Wed, 21 Oct 99999999999 07:28:00 GMT") is None
