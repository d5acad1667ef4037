"""What is kept is there whole, can be undone, is found again, and survives kills and full disks."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from fashiongen.errors import BadInput, MissingInput
from fashiongen.images.oklab import parse_colour
from fashiongen.studio.collection import Collection
from fashiongen.studio.records import Edit, KeptGarment, Marks, Question

ME, OTHER = "me", "other"


def record(number, colour="#802020", **changes):
    values = {
        "id": 0,
        "variant": "cutout",
        "weights_sha256": "0" * 64,
        "latent": f"latent-{number}",
        "edits": [Edit(text=f"Number {number} of wall 7")],
        "image_sha256": "1" * 64,
        "description": "dark red, long",
        "oklab": tuple(parse_colour(colour).tolist()),
        "created": "2026-11-30T12:00:00Z",
        "starred": False,
        "rating": 0,
        "note": "",
        "tags": [],
        "boards": [],
    }
    return KeptGarment(**(values | changes))


def keep(collection, *garments, client=ME):
    return collection.add(garments, [b"png"] * len(garments), client=client, text=f"Kept {len(garments)}")


def find(collection, **asked):
    return [garment.id for garment in collection.find(Question(**asked))[1]]


def test_what_is_kept_comes_back_as_it_was(collection):
    (number,) = keep(collection, record(1, note="for Ana", tags=["gala"], boards=["Autumn"], rating=4, starred=True))
    assert collection.get(number) == record(
        1, note="for Ana", tags=["gala"], boards=["Autumn"], rating=4, starred=True, id=number
    )
    assert collection.get_png(number) == b"png"
    assert Collection(collection.path).get(number).note == "for Ana"


def test_a_garment_is_kept_once_and_its_marks_stay(collection):
    (number,) = keep(collection, record(1))
    collection.mark([number], Marks(note="mine"), client=ME, text="Wrote")
    assert keep(collection, record(1)) == [number]
    assert collection.get(number).note == "mine"
    assert keep(collection, record(1, weights_sha256="2" * 64)) != [number]


def test_each_change_is_undone_and_done_again(collection):
    (number,) = keep(collection, record(1))
    for marks in (Marks(starred=True), Marks(rating=3), Marks(tags=["a", "b"]), Marks(kept=False)):
        collection.mark([number], marks, client=ME, text=str(marks))
    with pytest.raises(MissingInput):
        collection.get(number)
    undone = [collection.undo(ME).text for _ in range(4)]
    assert undone[0] == str(Marks(kept=False))
    assert collection.get(number) == record(1, id=number)
    assert collection.undo(ME).text == "Kept 1"
    assert collection.undo(ME).text is None
    assert find(collection) == []
    for _ in range(4):
        collection.redo(ME)
    found = collection.get(number)
    assert (found.starred, found.rating, found.tags) == (True, 3, ["a", "b"])
    collection.mark([number], Marks(note="new"), client=ME, text="Wrote")
    assert collection.redo(ME).text is None  # what was undone is past


def test_many_garments_of_one_click_are_undone_together(collection):
    numbers = keep(collection, *map(record, range(5)))
    moved = collection.undo(ME)
    assert {garment["id"] for garment in moved.garments} == set(numbers)
    assert not any(garment["kept"] for garment in moved.garments)
    assert find(collection) == []


def test_boards_are_added_beside_those_that_each_garment_is_on_and_undone_at_once(collection):
    first, second = keep(collection, record(1, boards=["A"]), record(2))
    collection.mark([first, second], Marks(), client=ME, text="Put 2 on B", add_boards=["B", "A"])
    assert collection.get(first).boards == ["A", "B"]
    assert collection.get(second).boards == ["B", "A"]
    collection.undo(ME)
    assert (collection.get(first).boards, collection.get(second).boards) == (["A"], [])


def test_each_hand_undoes_its_own_changes_and_no_more(collection):
    (number,) = keep(collection, record(1))
    collection.mark([number], Marks(note="of me"), client=ME, text="Wrote")
    collection.mark([number], Marks(rating=5), client=OTHER, text="Rated")
    assert collection.undo(ME).text == "Wrote"
    found = collection.get(number)
    assert (found.note, found.rating) == ("", 5)
    assert collection.undo(OTHER).text == "Rated"
    assert collection.undo(OTHER).text is None


def test_a_mark_that_changes_nothing_is_no_change(collection):
    (number,) = keep(collection, record(1))
    collection.mark([number], Marks(rating=0, note=""), client=ME, text="Nothing")
    assert [change.text for change in collection.list_changes()] == ["Kept 1"]


def test_garments_are_found_by_all_words_and_marks(collection):
    red, blue, odd = keep(
        collection,
        record(1, note="for the opera"),
        record(2, description="pale blue, short", tags=["gala"], boards=["Spring"]),
        record(3, description="grey", note="100 % wool_felt \\ 'quote' \"x\""),
    )
    assert find(collection, words="RED opera") == [red]
    assert find(collection, words="opera red") == [red]
    assert find(collection, words="gala") == find(collection, words="spring short") == [blue]
    for word in ("100", "%", "wool_felt", "\\", "'quote'", '"x"'):
        assert find(collection, words=word) == [odd]
    assert find(collection, words="wool-felt") == find(collection, words="'; DROP TABLE garments; --") == []
    assert find(collection, board="Spring") == [blue]
    assert find(collection, board="Spr") == []
    collection.mark([blue], Marks(starred=True), client=ME, text="Starred")
    assert find(collection, starred=True) == [blue]
    assert collection.list_boards() == {"Spring": 1}


def test_orders_parts_and_colours(collection):
    numbers = keep(collection, record(1, "#ff0000"), record(2, "#00a000"), record(3, "#0000ff"), record(4, "#c02020"))
    collection.mark([numbers[1]], Marks(rating=5), client=ME, text="Rated")
    assert find(collection) == numbers[::-1]
    assert find(collection, order="oldest") == numbers
    assert find(collection, order="rating")[0] == numbers[1]
    assert find(collection, order="oldest", start=1, count=2) == numbers[1:3]
    near = tuple(parse_colour("#d01010").tolist())
    total, found = collection.find(Question(colour="#d01010", count=2), near)
    assert total == 4
    assert [garment.id for garment in found] == [numbers[3], numbers[0]]


def test_sliders_keep_the_names_that_were_given(collection):
    collection.name_slider("a" * 64, 3, "Swing")
    collection.name_slider("a" * 64, 3, "Sway")
    collection.name_slider("b" * 64, 3, "Other")
    assert collection.slider_names("a" * 64) == {("a" * 64, 3): "Sway"}
    collection.name_slider("a" * 64, 3, "")
    assert collection.slider_names() == {("b" * 64, 3): "Other"}


def test_many_threads_and_two_studios_keep_at_once(collection):
    second = Collection(collection.path)

    def click(number):
        return keep((collection, second)[number % 2], record(number), client=f"client-{number % 20}")

    with ThreadPoolExecutor(20) as pool:
        ids = {number for found in pool.map(click, range(100)) for number in found}
    assert len(ids) == 100
    assert set(find(collection, count=500)) == ids


CLICKS = """
import sys
from pathlib import Path
from fashiongen.studio.collection import Collection
from fashiongen.studio.records import KeptGarment
collection, garment = Collection(Path(sys.argv[1])), KeptGarment.model_validate_json(sys.argv[2])
for number in range(100_000):
    clicked = garment.model_copy(update={"latent": str(number)})
    collection.add([clicked], [b"png"], client="me", text="Kept")
    print(number, flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("after_s", [0.01, 0.05, 0.11])
def test_a_kill_in_the_middle_of_writing_loses_at_most_the_last_click(collection, after_s):
    command = [sys.executable, "-c", CLICKS, str(collection.path), record(0).model_dump_json()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        process.stdout.readline()
        time.sleep(after_s)
        os.kill(process.pid, signal.SIGKILL)
        said = 1 + len(process.stdout.read().split())
    with sqlite3.connect(collection.path) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    whole = Collection(collection.path)
    total, _ = whole.find(Question(count=1))
    assert said <= total <= said + 1
    assert len(whole.list_changes()) == min(total, 200)


def test_a_full_disk_keeps_what_was_there(collection, monkeypatch):
    keep(collection, record(1))
    opened = Collection._open

    @contextmanager
    def open_full(self):
        with opened(self) as database:
            pages = database.execute("PRAGMA page_count").fetchone()[0]
            database.execute(f"PRAGMA max_page_count = {pages}")
            yield database

    with monkeypatch.context() as patch, pytest.raises(sqlite3.OperationalError) as caught:
        patch.setattr(Collection, "_open", open_full)
        for number in range(2, 50):
            keep(collection, record(number, note="x" * 4000))
    assert caught.value.sqlite_errorcode == sqlite3.SQLITE_FULL
    total, garments = collection.find(Question(order="oldest"))
    assert total == len(garments) >= 1
    assert keep(collection, record(99))


@pytest.mark.parametrize(
    "content", [b"no database at all, but long enough to be one " * 30, b"SQLite format 3\0 broken" * 99]
)
def test_a_file_that_is_no_collection_is_refused_and_left_alone(tmp_path, content):
    path = tmp_path / "studio.sqlite"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"studio\.sqlite: no collection"):
        Collection(path)
    assert path.read_bytes() == content


def test_a_collection_of_a_newer_version_is_refused(collection):
    with sqlite3.connect(collection.path) as database:
        database.execute("PRAGMA user_version = 9")
    with pytest.raises(BadInput, match="version 9"):
        Collection(collection.path)


def test_text_of_every_kind_survives(collection):
    text = "«Ünï» 漢字 🧥 \n\t' \" \\ % _ <script>"
    (number,) = keep(collection, record(1, note=text, tags=[text.strip()[:60]]))
    assert collection.get(number).note == text
    assert json.loads(collection.get(number).model_dump_json())["note"] == text
