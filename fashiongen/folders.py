"""Folders of outputs: emptied before a stage writes, or complete before they get their name."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fashiongen.errors import BadInput
from fashiongen.files import CHECKPOINTS, TEMPORARY, report_failed_write, write_text

OWNED = "linked_outputs"  # below CHECKPOINTS: a file for each folder behind a link or mount that a stage filled
MOUNTS = Path("/proc/self/mountinfo")  # Linux: it also lists mounts of a folder of the same file system
OF_THE_FILE_SYSTEM = {"lost+found"}  # an empty disk holds it


def fresh_folder(path: Path) -> Path:
    """An empty folder at `path`, without what an earlier run wrote there.

    A link to a folder is followed and a mount point stays mounted: only the content is removed, and only if a stage
    wrote it. A folder that held files when a stage first came to it is the user's and is left alone.

    Raises:
        BadInput: a file is in the folder's place, a link points to no folder, or the folder behind a link or mount
            holds files of the user's.
    """
    if path.is_symlink() or _is_mount(path):
        _empty_behind(path)
        return path
    if path.exists():
        if not path.is_dir():
            raise BadInput(f"{path}: is a file, and a folder is to be written there; move it to another place")
        shutil.rmtree(path)
    path.mkdir(parents=True)
    return path


def _is_mount(path: Path) -> bool:
    if path.is_mount():
        return True
    if not MOUNTS.exists():
        return False
    places = (line.split()[4] for line in MOUNTS.read_text(errors="surrogateescape").splitlines())
    return str(path.resolve()) in {_unescape(place) for place in places}


def _unescape(place: str) -> str:
    """A path of mountinfo, where spaces and the like stand as octal numbers."""
    for code in (" ", "\t", "\n", "\\"):
        place = place.replace(f"\\{ord(code):03o}", code)
    return place


def _empty_behind(path: Path) -> None:
    """Remove what a stage wrote into the folder behind a link or below a mount point."""
    if not path.is_dir():
        raise BadInput(
            f"{path}: links to {path.readlink()}, which is no folder; make that folder or mount its disk, or delete "
            "the link"
        )
    folder = path.resolve()
    owned = CHECKPOINTS / OWNED / f"{hashlib.sha256(bytes(folder)).hexdigest()[:16]}.txt"
    held = sorted(entry for entry in folder.iterdir() if entry.name not in OF_THE_FILE_SYSTEM)
    if held and not owned.exists():
        raise BadInput(
            f"{path}: is the folder {folder}, which holds {held[0].name} that may be yours; empty that folder, or put "
            f"a plain folder at {path}"
        )
    write_text(owned, f"{folder}\n")
    for entry in held:
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A temporary folder beside `path`, renamed to it when the block ends without an error, else removed.

    Raises:
        BadInput: there is something at `path` already.
        OSError: the disk is full or not writable; the error names `path`.
    """
    if path.exists() or path.is_symlink():
        raise BadInput(f"{path}: exists already; name another folder, or delete this one")
    path.parent.mkdir(parents=True, exist_ok=True)
    with report_failed_write(path):
        temporary = Path(tempfile.mkdtemp(dir=path.parent, prefix=TEMPORARY))
        try:
            yield temporary
            temporary.chmod(0o755)
            temporary.replace(path)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
