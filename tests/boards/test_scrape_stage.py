"""The whole stage: catalogue in, images and pins.csv out, the local test site's database as the expected result."""

import io
import logging
import re
from contextlib import redirect_stderr, redirect_stdout

import pytest
import yaml
from pydantic import SecretStr

from fashiongen.boards import scraping, session, site
from fashiongen.boards.catalogue import read_catalogue
from fashiongen.boards.credentials import Credentials
from fashiongen.boards.fetch import ImageFetcher
from fashiongen.boards.harvest import harvest
from fashiongen.errors import AlreadyRunning, BadArgument, IncompleteBoards, LoginFailed, MissingInput
from fashiongen.files import lock_alone, read_csv, sha256_file
from fashiongen.images.manifest import BoardRecord, PinRecord
from fashiongen.sources.standin.database import Account, write_site
from fashiongen.sources.standin.disturbances import FILE
from stages import scrape

LONG, SHORT = "/aurore/runway-ss26/", "/nord/runway-fw26/"
CANARY = "canary-e2b7"


@pytest.fixture(scope="module", autouse=True)
def workplace(tmp_path_factory, boards_folder, params):
    """A folder with params.yaml to stand in, and boards whose account has a password that must turn up nowhere."""
    folder = tmp_path_factory.mktemp("workplace")
    write_account(boards_folder, CANARY)
    section = params.model_dump(mode="json") | {"boards": str(boards_folder.path)}
    (folder / "params.yaml").write_text(yaml.safe_dump({"storage": {"images_per_shard": None}, "scrape": section}))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(scrape, "CHECKPOINTS", folder / ".checkpoints")
        yield folder
    write_site(boards_folder.path / "site", list(boards_folder.boards.values()))


def write_account(boards_folder, password):
    account = Account(email="visitor@standin.test", password=password)
    write_site(boards_folder.path / "site", list(boards_folder.boards.values()), account)


@pytest.fixture(scope="module")
def output(workplace):
    """What one run printed and logged, down to DEBUG, on every channel."""
    stream = io.StringIO()
    root, handler = logging.getLogger(), logging.StreamHandler(stream)
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with redirect_stdout(stream), redirect_stderr(stream):
            scrape.main()
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    return stream.getvalue()


def expected_outcome(pin):
    if pin.kind != "image":
        return "skipped_video" if pin.kind == "video" else "skipped_story"
    return "saved" if pin.original == "ok" else "saved_736x"


def read_files():
    """Every file below the scraped folder with its bytes."""
    return {path: path.read_bytes() for path in scrape.SCRAPED.rglob("*") if path.is_file()}


@pytest.mark.browser
def test_every_pin_has_its_row_and_every_original_its_bytes(output, boards_folder):
    rows = read_csv(scrape.SCRAPED / "pins.csv", PinRecord)
    pins = [pin for path in (LONG, SHORT) for pin in boards_folder.boards[path].feed if pin.type == "pin"]
    assert [(row.pin_id, row.outcome) for row in rows] == [(pin.id, expected_outcome(pin)) for pin in pins]
    for row, pin in zip(rows, pins, strict=True):
        if row.outcome == "saved":
            original = boards_folder.path / f"site/images/{pin.signature}.{pin.ext}"
            assert row.sha256 == sha256_file(scrape.SCRAPED / row.file) == sha256_file(original)
            assert (row.width_px, row.height_px, row.link, row.title) == (pin.width, pin.height, pin.link, pin.title)
    files = {path.relative_to(scrape.SCRAPED).as_posix() for path in scrape.SCRAPED.glob("images/*/*")}
    assert files == {row.file for row in rows} - {""}


@pytest.mark.browser
def test_each_board_has_a_bar_and_a_row_of_the_closing_table(output):
    rows = [line.split() for line in output.splitlines() if line.startswith("/")]
    assert [LONG, "8,945", "64", "62", "2", "0", "end"] in rows
    assert [SHORT, "4", "4", "4", "0", "0", "end"] in rows
    assert f"{LONG}: saved_736x 1, skipped_story 1, skipped_video 1\n" in output
    assert re.search(rf"{LONG}: .*pin/s, saved=\d+, failed=0", output)


@pytest.mark.browser
def test_a_dry_run_shows_what_there_is_and_changes_nothing(output, workplace, monkeypatch, capsys):
    before = {path: path.read_bytes() for path in workplace.rglob("*") if path.is_file()}
    monkeypatch.setattr(ImageFetcher, "fetch", lambda self, url: pytest.fail(f"asked for {url}"))
    scrape.main(scrape.DRY_RUN)
    rows = [line.split() for line in capsys.readouterr().out.splitlines() if line.startswith("/")]
    assert [LONG, "8,945", "64", "0", "64", "0", "end"] in rows
    assert {path: path.read_bytes() for path in workplace.rglob("*") if path.is_file()} == before


def test_an_unknown_option_is_refused(workplace):
    with pytest.raises(BadArgument, match="--dryrun: no option of the scrape; there is --dry-run"):
        scrape.main("--dryrun")


@pytest.mark.browser
def test_the_table_does_not_tell_where_the_local_site_was(output):
    table = (scrape.SCRAPED / "pins.csv").read_bytes()
    assert b"127.0.0.1" not in table
    assert b"localhost" not in table


@pytest.mark.browser
def test_the_password_is_in_no_file_no_log_and_no_output(output, workplace):
    written = [path for path in workplace.rglob("*") if path.is_file()]
    assert len(written) > 64
    assert not [path for path in written if CANARY.encode() in path.read_bytes()]
    assert CANARY not in output


@pytest.mark.browser
def test_a_second_run_of_unchanged_boards_downloads_nothing_and_stops_at_known_pins(output, monkeypatch, params):
    before = read_files()
    seen = []

    def walk(*arguments, **options):
        for step in harvest(*arguments, **options):
            seen.extend(pin.pin_id for pin in step.pins)
            yield step

    monkeypatch.setattr(scraping, "harvest", walk)
    monkeypatch.setattr(ImageFetcher, "fetch", lambda self, url: pytest.fail(f"asked again for {url}"))
    scrape.INCOMPLETE.mkdir(parents=True, exist_ok=True)  # as an incomplete run leaves it
    scrape.main()
    assert read_files() == before
    assert not scrape.INCOMPLETE.exists()
    assert params.known_pins <= len(seen) < 64


def test_a_second_run_beside_the_first_is_refused_in_one_line(workplace):
    message = "another process scrapes here; wait for it, or stop it"
    with lock_alone(scrape.CHECKPOINTS / "scrape.lock", "scrapes"), pytest.raises(AlreadyRunning, match=message):
        scrape.main()


@pytest.mark.browser
def test_an_incomplete_board_fails_the_stage_at_its_end_and_leaves_the_last_scrape_alone(output, boards_folder):
    before = read_files()
    path = boards_folder.path / "site" / FILE
    path.write_text(yaml.safe_dump([{"match": "BoardFeedResource.*ss26.*bookmarks%22%3A%5B%22", "cut_frac": 0.5}]))
    try:
        with pytest.raises(IncompleteBoards, match=r"1 of 2 boards are incomplete: .*ss26/ \(feed_failed\)"):
            scrape.main()
    finally:
        path.unlink()
    assert read_files() == before
    rows = read_csv(scrape.INCOMPLETE / "boards.csv", BoardRecord)
    assert [(row.board, row.ending) for row in rows] == [(LONG, "feed_failed"), (SHORT, "end")]
    assert len(read_csv(scrape.INCOMPLETE / "pins.csv", PinRecord)) == sum(row.found for row in rows)


@pytest.mark.browser
def test_a_refused_login_ends_the_run_and_leaves_the_last_scrape_alone(output, monkeypatch, caplog):
    before = read_files()
    wrong = Credentials("visitor@standin.test", SecretStr("wrong-" + CANARY))
    monkeypatch.setattr(site, "read_account", lambda folder: wrong)
    caplog.set_level(logging.DEBUG)
    with pytest.raises(LoginFailed, match="refused the e-mail or the password") as failure:
        scrape.main()
    assert CANARY not in str(failure.value) + caplog.text
    assert read_files() == before != {}


@pytest.fixture
def live(tmp_path):
    """A catalogue of the live site."""
    entry = {"brand": "Nord", "season": "FW26", "url": SHORT}
    (tmp_path / "catalogue.yaml").write_text(yaml.safe_dump({"site": "https://www.pinterest.com", "boards": [entry]}))
    return read_catalogue(tmp_path)


def test_the_live_site_is_reached_over_https_only(live, tmp_path, monkeypatch):
    monkeypatch.setenv("PINTEREST_EMAIL", "someone@example.com")
    monkeypatch.setenv("PINTEREST_PASSWORD", CANARY)
    with site.open_site(live, tmp_path, tmp_path / "cookies.json") as opened:
        assert opened.url == "https://www.pinterest.com"
        assert (opened.hosts.hosts, opened.hosts.allow_local) == ({"i.pinimg.com"}, False)
        assert opened.account().email == "someone@example.com"


def test_without_an_account_nothing_is_requested_from_the_live_site(live, tmp_path, monkeypatch, params, capsys):
    monkeypatch.delenv("PINTEREST_EMAIL", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.setattr(session, "open_browser", lambda **_: pytest.fail("a browser was started"))
    cookies = tmp_path / "cookies.json"
    events = scraping.scrape_boards(live, params, archive=tmp_path / "archive", cookies=cookies)
    with pytest.raises(MissingInput, match="set PINTEREST_EMAIL and PINTEREST_PASSWORD"):
        scrape.Collection().add(events)
    assert "you answer for its terms" in capsys.readouterr().err
    cookies.write_text("[]")  # with cookies, the account is read only when they are not valid
    with site.open_site(live, tmp_path, cookies) as opened, pytest.raises(MissingInput):
        opened.account()
