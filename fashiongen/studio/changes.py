"""The history of a collection: each change of a garment's marks, with those before and after it.

What one click changed is a batch, and is undone together. Each client undoes its own changes.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from fashiongen.errors import MissingInput


class Moved(NamedTuple):
    """What was undone or done again."""

    text: str | None  # of the change; None where there was none
    garments: tuple[dict[str, Any], ...]  # id, variant, latent, and whether each is kept and starred now


class Batch(NamedTuple):
    """What the changes of one click have in common."""

    number: int
    client: str
    text: str


def begin_batch(database: sqlite3.Connection, client: str, text: str) -> Batch:
    """A batch with the next number."""
    last = database.execute("SELECT max(batch) FROM changes").fetchone()[0]
    return Batch((last or 0) + 1, client, text)


def mark(
    database: sqlite3.Connection,
    number: int,
    marks: Mapping[str, Any],
    batch: Batch,
    *,
    add_boards: Sequence[str] = (),
) -> None:
    """Set marks and record the change; nothing is recorded if they are so already."""
    row = database.execute("SELECT * FROM garments WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise MissingInput(f"garment {number}: not kept")
    now = read_marks(row)
    if add_boards:
        marks = {**marks, "boards": list(dict.fromkeys([*now["boards"], *add_boards]))}
    after = {name: value for name, value in marks.items() if now[name] != value}
    if not after:
        return
    before = {name: now[name] for name in after}
    _set_marks(database, number, after)
    database.execute("DELETE FROM changes WHERE client = ? AND undone", (batch.client,))  # no longer to be done again
    database.execute(
        "INSERT INTO changes (at, client, batch, text, garment, before, after, undone) VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
        (now_utc(), batch.client, batch.number, batch.text, number, json.dumps(before), json.dumps(after)),
    )


def _set_marks(database: sqlite3.Connection, number: int, marks: Mapping[str, Any]) -> None:
    stored = {
        name: json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value
        for name, value in marks.items()
    }
    columns = ", ".join(f"{name} = ?" for name in stored)
    database.execute(f"UPDATE garments SET {columns} WHERE id = ?", [*stored.values(), number])
    row = database.execute("SELECT * FROM garments WHERE id = ?", (number,)).fetchone()
    words = [row["description"], row["variant"], row["note"], *json.loads(row["tags"]), *json.loads(row["boards"])]
    database.execute("UPDATE garments SET searched = ? WHERE id = ?", ("\n".join(words).lower(), number))


def move(database: sqlite3.Connection, client: str, *, undone: bool) -> Moved:
    """Undo the last batch of a client that is not undone, or do the first one again that is."""
    side, last = ("before", "max") if undone else ("after", "min")
    rows = database.execute(
        f"SELECT * FROM changes WHERE batch = (SELECT {last}(batch) FROM changes WHERE client = ? AND undone = ?) "
        "ORDER BY id",
        (client, not undone),
    ).fetchall()
    for row in rows:
        _set_marks(database, row["garment"], json.loads(row[side]))
        database.execute("UPDATE changes SET undone = ? WHERE id = ?", (undone, row["id"]))
    numbers = json.dumps([row["garment"] for row in rows])
    garments = database.execute(
        "SELECT id, variant, latent, kept, starred FROM garments WHERE id IN (SELECT value FROM json_each(?))",
        (numbers,),
    ).fetchall()
    moved = tuple({**dict(row), "kept": bool(row["kept"]), "starred": bool(row["starred"])} for row in garments)
    return Moved(str(rows[0]["text"]) if rows else None, moved)


def read_marks(row: sqlite3.Row) -> dict[str, Any]:
    """The marks of a row of `garments`, by the names of `Marks`."""
    return {
        "kept": bool(row["kept"]),
        "starred": bool(row["starred"]),
        "rating": row["rating"],
        "note": row["note"],
        "tags": json.loads(row["tags"]),
        "boards": json.loads(row["boards"]),
    }


def now_utc() -> str:
    """The time as ISO 8601, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
