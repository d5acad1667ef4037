"""Downloaded images on the disk: after a kill, the next run uses them instead of requesting them again."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from fashiongen.boards.catalogue import CATALOGUE
from fashiongen.boards.content import ImageFacts, Inspector
from fashiongen.boards.fetch import Download
from fashiongen.boards.pins import is_signature
from fashiongen.errors import BadInput, DownloadFailed
from fashiongen.files import write_bytes

ORIGINALS, REDUCED = "originals", "736x"  # the image host's own names for the two sizes


@dataclass(frozen=True)
class Stored:
    """An image in the archive."""

    path: Path
    size: str  # ORIGINALS or REDUCED
    facts: ImageFacts


class Archive:
    """Images by signature, in one folder a size; every file is complete, because it was renamed into place."""

    def __init__(self, folder: Path, inspector: Inspector) -> None:
        self._folder = folder
        self._inspector = inspector

    def find(self, signature: str) -> Stored | None:
        """The image of an earlier run, or None; links and files that do not decode are ignored."""
        for size in (ORIGINALS, REDUCED):
            for path in sorted((self._folder / size).glob(f"{signature}.*")):
                if not path.is_symlink() and (facts := self._inspect(path)):
                    return Stored(path, size, facts)
        return None

    def _inspect(self, path: Path) -> ImageFacts | None:
        try:
            return self._inspector.inspect(path.read_bytes())
        except (DownloadFailed, OSError):
            return None

    def store(self, signature: str, size: str, download: Download) -> Stored:
        """Store an image under its signature and the extension of its format.

        Raises:
            BadInput: the signature is not one, so it must not name a file.
        """
        if not is_signature(signature):
            raise BadInput(f"signature {signature!r}: not 32 hexadecimal digits")
        path = self._folder / size / f"{signature}.{download.facts.ext}"
        write_bytes(path, download.content)
        return Stored(path, size, download.facts)


def archive_folder(root: Path, boards: Path) -> Path:
    """The archive's folder below `root`, named by a hash of the catalogue and of the local test site's data.

    So a changed catalogue or test site never reuses images of another one.
    """
    described = [boards / CATALOGUE, *sorted((boards / "site").glob("*.json"))]
    digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in described))
    return root / digest.hexdigest()[:12]
