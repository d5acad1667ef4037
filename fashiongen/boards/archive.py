"""Downloaded images on the disk: a later run, after a kill or a success, uses them instead of requesting them again."""

import hashlib
import sqlite3
import threading
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from fashiongen.boards.catalogue import PINTEREST, Catalogue
from fashiongen.boards.content import ImageFacts, Inspector
from fashiongen.boards.fetch import Download
from fashiongen.boards.pins import is_signature
from fashiongen.errors import BadInput, DownloadFailed
from fashiongen.files import write_bytes

ORIGINALS, REDUCED = "originals", "736x"  # the image host's own names for the two sizes
INDEX = "index.sqlite"


@dataclass(frozen=True)
class Stored:
    """An image in the archive."""

    path: Path
    size: str  # ORIGINALS or REDUCED
    facts: ImageFacts


class Archive:
    """Images by signature, in one folder a size; every file is complete, because it was renamed into place.

    An index beside them has their facts, so that a later run need not decode them. A file that it does not know, or
    that has another length, is decoded. Several threads may use one archive.
    """

    def __init__(self, folder: Path, inspector: Inspector) -> None:
        self._folder = folder
        self._inspector = inspector
        self._index = _Index(folder / INDEX)

    def find(self, signature: str) -> Stored | None:
        """The image of an earlier run, or None; links and files that do not decode are ignored."""
        for size in (ORIGINALS, REDUCED):
            for path in sorted((self._folder / size).glob(f"{signature}.*")):
                if not path.is_symlink() and (facts := self._facts(signature, size, path)):
                    return Stored(path, size, facts)
        return None

    def _facts(self, signature: str, size: str, path: Path) -> ImageFacts | None:
        known = self._index.find(signature, size)
        try:
            if known and path.suffix == f".{known.ext}" and path.stat().st_size == known.bytes:
                return known
            facts = self._inspector.inspect(path.read_bytes())
        except (DownloadFailed, OSError):
            return None
        self._index.add(signature, size, facts)
        return facts

    def store(self, signature: str, size: str, download: Download) -> Stored:
        """Store an image under its signature and the extension of its format.

        Raises:
            BadInput: the signature is not one, so it must not name a file.
        """
        if not is_signature(signature):
            raise BadInput(f"signature {signature!r}: not 32 hexadecimal digits")
        path = self._folder / size / f"{signature}.{download.facts.ext}"
        write_bytes(path, download.content)
        self._index.add(signature, size, download.facts)
        return Stored(path, size, download.facts)


class _Index:
    """The facts of the archive's images in SQLite; without it, as on a damaged file, the archive is only slower."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def find(self, signature: str, size: str) -> ImageFacts | None:
        query = "SELECT ext, width_px, height_px, bytes, sha256 FROM images WHERE signature = ? AND size = ?"
        rows = self._run(query, (signature, size)) if self._path.is_file() else []
        return ImageFacts(*rows[0]) if rows else None

    def add(self, signature: str, size: str, facts: ImageFacts) -> None:
        row = (signature, size, facts.ext, facts.width_px, facts.height_px, facts.bytes, facts.sha256)
        self._run("INSERT OR REPLACE INTO images VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def _run(self, statement: str, values: tuple[str | int, ...]) -> list[tuple[str, int, int, int, str]]:
        with self._lock:
            try:
                with closing(sqlite3.connect(self._path)) as connection, connection:
                    connection.execute("PRAGMA synchronous = OFF")  # the files are what counts
                    connection.execute(
                        "CREATE TABLE IF NOT EXISTS images (signature TEXT, size TEXT, ext TEXT, width_px INTEGER, "
                        "height_px INTEGER, bytes INTEGER, sha256 TEXT, PRIMARY KEY (signature, size))"
                    )
                    return connection.execute(statement, values).fetchall()
            except sqlite3.DatabaseError:
                self._path.unlink(missing_ok=True)  # it is damaged, or a full disk refuses it: it is made anew
                return []


def archive_folder(root: Path, boards: Path, catalogue: Catalogue) -> Path:
    """The archive's folder below `root`: one for the live site, and one for each state of a local test site.

    The catalogue does not matter: the live site's signatures mean the same images on every board.
    """
    if catalogue.site == PINTEREST:
        return root / "pinterest"
    described = sorted((boards / "site").glob("*.json"))
    digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in described))
    return root / f"standin-{digest.hexdigest()[:12]}"
