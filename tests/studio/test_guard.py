"""Which requests pass: a table of hosts and origins, and bodies that are too large."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from fashiongen.studio import guard
from fashiongen.studio.guard import Guard, is_loopback
from tests.studio.conftest import Caller

HERE = "127.0.0.1:8420"


async def read(request: Request) -> JSONResponse:
    return JSONResponse({"bytes": len(await request.body())})


def caller_of(host="127.0.0.1"):
    return Caller(Guard(Starlette(routes=[Route("/", read, methods=["GET", "POST"])]), host=host))


@pytest.mark.parametrize("host", [HERE, "localhost:8420", "[::1]:8420", "127.0.0.1", "LOCALHOST"])
def test_names_of_the_loopback_address_pass(host):
    assert caller_of()("GET", "/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        *(
            "",
            "evil.example",
            "127.0.0.1.evil.example:8420",
            "localhost.evil.example",
            "192.168.1.4:8420",
            "[::2]:8420",
        ),
        *("evil.example:127.0.0.1", "0x7f.1", "127.1", "[127.0.0.1", "user@127.0.0.1"),
    ],
)
def test_other_hosts_are_refused(host):
    answer = caller_of()("GET", "/", headers={"host": host})
    assert answer.status_code == 403
    assert "Host" in answer.json()["error"]


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (f"http://{HERE}", 200),
        (None, 403),
        ("null", 403),
        ("http://evil.example", 403),
        ("https://127.0.0.1:8420", 403),
        ("http://127.0.0.1:9999", 403),
        ("http://localhost:8420", 403),
        (f"http://{HERE}.evil.example", 403),
    ],
)
def test_only_the_own_page_may_change_something(origin, status):
    headers = {"host": HERE} | ({} if origin is None else {"origin": origin})
    assert caller_of()("POST", "/", headers=headers).status_code == status


def test_a_server_for_others_knows_addresses_in_numbers_but_no_foreign_name():
    call = caller_of("0.0.0.0")
    for host in ("192.168.1.4:8420", "[fe80::1]:8420", HERE):
        assert call("GET", "/", headers={"host": host}).status_code == 200
    assert call("GET", "/", headers={"host": "evil.example:8420"}).status_code == 403


def test_a_large_body_is_refused_whether_it_says_so_or_not(monkeypatch):
    monkeypatch.setattr(guard, "MAX_BODY", 1000)
    headers = {"host": HERE, "origin": f"http://{HERE}"}
    call = caller_of()
    assert call("POST", "/", headers=headers, content=bytes(1000)).json() == {"bytes": 1000}
    assert call("POST", "/", headers=headers, content=bytes(1001)).status_code == 413

    async def parts():
        for _ in range(20):
            yield bytes(100)

    with pytest.raises(guard.BodyTooLarge):  # the application answers it
        call("POST", "/", headers=headers, content=parts())


@pytest.mark.parametrize("length", ["-1", "x", "1e9", "+1", "1_0"])
def test_a_length_that_is_no_number_is_refused(length):
    headers = {"host": HERE, "origin": f"http://{HERE}", "content-length": length}
    assert caller_of()("POST", "/", headers=headers).status_code == 400


def test_every_answer_forbids_foreign_content():
    headers = caller_of()("GET", "/", headers={"host": HERE}).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("::", False), ("x.example", False)],
)
def test_loopback_addresses_are_known(host, expected):
    assert is_loopback(host) is expected
