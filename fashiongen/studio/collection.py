"""The collection of kept garments: an SQLite file that several studios can share.

Each change is one transaction that writes the new marks and, beside them, those before: it is there whole or not at
all, and can be undone. Garments that were taken out stay in the file.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from fashiongen.errors import BadInput, MissingInput
from fashiongen.studio.changes import Batch, Moved, begin_batch, mark, move, read_marks
from fashiongen.studio.records import Change, Edit, KeptGarment, Marks, Question

VERSION = 1
BUSY_S = 10.0  # so long a write waits for another studio's
HISTORY = 200  # changes that are shown
ORDERS = {"newest": "id DESC", "oldest": "id", "rating": "rating DESC, id DESC"}


class Collection:
    """The garments in one file; each call opens it, so any thread may call."""

    def __init__(self, path: Path) -> None:
        """Make the file if there is none.

        Raises:
            BadInput: it is no collection, or of another version.
        """
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with self._open() as database:
                version = database.execute("PRAGMA user_version").fetchone()[0]
                if version not in (0, VERSION):
                    raise BadInput(f"{path}: of version {version}, and this studio reads {VERSION}; update fashiongen")
                database.execute("PRAGMA journal_mode = WAL")
                if version == 0:
                    database.executescript(files(__package__).joinpath("collection.sql").read_text())
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            raise BadInput(f"{path}: no collection of garments ({error}); move the file away") from error

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path, timeout=BUSY_S, isolation_level=None)) as database:
            database.row_factory = sqlite3.Row
            database.execute("PRAGMA synchronous = FULL")
            database.execute("PRAGMA foreign_keys = ON")
            yield database

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with self._open() as database:
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
                database.execute("COMMIT")
            finally:
                if database.in_transaction:
                    database.execute("ROLLBACK")

    def add(self, garments: Sequence[KeptGarment], pngs: Sequence[bytes], *, client: str, text: str) -> list[int]:
        """Keep garments; return their ids. The given ids do not count.

        A garment that the same network drew from the same latent is kept once: if it is there already, its marks stay.
        """
        with self._write() as database:
            batch = begin_batch(database, client, text)
            return [_add(database, garment, png, batch) for garment, png in zip(garments, pngs, strict=True)]

    def get(self, number: int) -> KeptGarment:
        """A garment by its id.

        Raises:
            MissingInput: there is none, or it was taken out.
        """
        with self._open() as database:
            row = database.execute("SELECT * FROM garments WHERE id = ? AND kept", (number,)).fetchone()
        if row is None:
            raise MissingInput(f"garment {number}: not kept (any more)")
        return _garment(row)

    def get_png(self, number: int) -> bytes:
        """The PNG that was drawn when the garment was kept; also of one that was taken out.

        Raises:
            MissingInput: there is none.
        """
        with self._open() as database:
            row = database.execute("SELECT png FROM garments WHERE id = ?", (number,)).fetchone()
        if row is None:
            raise MissingInput(f"garment {number}: not kept")
        return bytes(row["png"])

    def get_all(self) -> list[tuple[KeptGarment, bytes]]:
        """All kept garments with their PNGs, the oldest first."""
        with self._open() as database:
            rows = database.execute("SELECT * FROM garments WHERE kept ORDER BY id").fetchall()
        return [(_garment(row), bytes(row["png"])) for row in rows]

    def find(self, question: Question, near: tuple[float, float, float] | None = None) -> tuple[int, list[KeptGarment]]:
        """How many garments fit a question, and those of the part that it asks for; `near` is its colour in OKLab."""
        conditions, values = ["kept"], list[Any]()
        for word in question.words.lower().split():
            conditions.append("searched LIKE ? ESCAPE '\\'")
            values.append(f"%{_escape(word)}%")
        if question.starred:
            conditions.append("starred")
        if question.board is not None:
            conditions.append("EXISTS (SELECT 1 FROM json_each(garments.boards) WHERE value = ?)")
            values.append(question.board)
        where, order, placed = " AND ".join(conditions), ORDERS[question.order], list[Any]()
        if near is not None:
            order = "(lightness - ?) * (lightness - ?) + (a - ?) * (a - ?) + (b - ?) * (b - ?), id"
            placed = [value for value in near for _ in range(2)]
        with self._open() as database:
            total = database.execute(f"SELECT count(*) FROM garments WHERE {where}", values).fetchone()[0]
            rows = database.execute(
                f"SELECT * FROM garments WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?",
                [*values, *placed, question.count, question.start],
            ).fetchall()
        return total, [_garment(row) for row in rows]

    def list_boards(self) -> dict[str, int]:
        """The boards, and how many garments are on each."""
        with self._open() as database:
            rows = database.execute(
                "SELECT value, count(*) FROM garments, json_each(boards) WHERE kept GROUP BY value ORDER BY value"
            ).fetchall()
        return {row[0]: row[1] for row in rows}

    def mark(
        self, numbers: Sequence[int], marks: Marks, *, client: str, text: str, add_boards: Sequence[str] = ()
    ) -> None:
        """Change the marks of garments, and put them on boards beside those that they are on; undo takes all back.

        Raises:
            MissingInput: one is not there.
        """
        with self._write() as database:
            batch = begin_batch(database, client, text)
            for number in numbers:
                mark(database, number, marks.model_dump(exclude_none=True), batch, add_boards=add_boards)

    def known(self, weights_sha256: str, latents: Sequence[str]) -> dict[str, tuple[int, bool]]:
        """Of a network's garments those that are kept: the id and whether it is starred, by latent."""
        marks = ", ".join("?" * len(latents))
        with self._open() as database:
            rows = database.execute(
                f"SELECT latent, id, starred FROM garments WHERE weights_sha256 = ? AND latent IN ({marks}) AND kept",
                (weights_sha256, *latents),
            ).fetchall()
        return {row["latent"]: (row["id"], bool(row["starred"])) for row in rows}

    def undo(self, client: str) -> Moved:
        """Undo the last change of a client that is not undone yet.

        Only the marks that it changed go back: what others marked since stays.
        """
        with self._write() as database:
            return move(database, client, undone=True)

    def redo(self, client: str) -> Moved:
        """Do the change again that was undone last, unless the client has changed something since."""
        with self._write() as database:
            return move(database, client, undone=False)

    def list_changes(self) -> list[Change]:
        """The last changes of all clients, the newest first."""
        with self._open() as database:
            rows = database.execute("SELECT * FROM changes ORDER BY id DESC LIMIT ?", (HISTORY,)).fetchall()
        return [Change(id=row["id"], at=row["at"], text=row["text"], is_undone=bool(row["undone"])) for row in rows]

    def name_slider(self, weights_sha256: str, number: int, name: str) -> None:
        """Name a slider of a network; an empty name gives its own back."""
        with self._write() as database:
            database.execute(
                "DELETE FROM slider_names WHERE weights_sha256 = ? AND number = ?", (weights_sha256, number)
            )
            if name:
                database.execute("INSERT INTO slider_names VALUES (?, ?, ?)", (weights_sha256, number, name))

    def slider_names(self, weights_sha256: str | None = None) -> dict[tuple[str, int], str]:
        """The names that were given, by network and slider; of all networks for None."""
        with self._open() as database:
            rows = database.execute(
                "SELECT * FROM slider_names WHERE ? IS NULL OR weights_sha256 = ?", (weights_sha256, weights_sha256)
            ).fetchall()
        return {(row["weights_sha256"], row["number"]): row["name"] for row in rows}


def _add(database: sqlite3.Connection, garment: KeptGarment, png: bytes, batch: Batch) -> int:
    same = database.execute(
        "SELECT id FROM garments WHERE variant = ? AND weights_sha256 = ? AND latent = ?",
        (garment.variant, garment.weights_sha256, garment.latent),
    ).fetchone()
    if same is not None:
        mark(database, same["id"], {"kept": True}, batch)
        return int(same["id"])
    values = {
        "variant": garment.variant,
        "weights_sha256": garment.weights_sha256,
        "latent": garment.latent,
        "edits": json.dumps([step.text for step in garment.edits], ensure_ascii=False),
        "png": png,
        "image_sha256": garment.image_sha256,
        "description": garment.description,
        **dict(zip(("lightness", "a", "b"), garment.oklab, strict=True)),
        "created": garment.created,
        "kept": False,
        "starred": garment.starred,
        "rating": garment.rating,
        "note": garment.note,
        "tags": json.dumps(garment.tags, ensure_ascii=False),
        "boards": json.dumps(garment.boards, ensure_ascii=False),
        "searched": "",
    }
    columns, marks = ", ".join(values), ", ".join("?" * len(values))
    cursor = database.execute(f"INSERT INTO garments ({columns}) VALUES ({marks})", [*values.values()])
    number = int(cursor.lastrowid or 0)
    mark(database, number, {"kept": True}, batch)
    return number


def _garment(row: sqlite3.Row) -> KeptGarment:
    marks = read_marks(row)
    del marks["kept"]
    return KeptGarment(
        id=row["id"],
        variant=row["variant"],
        weights_sha256=row["weights_sha256"],
        latent=row["latent"],
        edits=[Edit(text=text) for text in json.loads(row["edits"])],
        image_sha256=row["image_sha256"],
        description=row["description"],
        oklab=(row["lightness"], row["a"], row["b"]),
        created=row["created"],
        **marks,
    )


def _escape(word: str) -> str:
    return word.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
