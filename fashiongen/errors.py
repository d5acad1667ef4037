"""Every error that fashiongen raises on purpose.

    FashiongenError
    ├── ConfigError            params.yaml or a profile is wrong
    ├── MissingInput           a file, folder, program or credential is not there
    ├── BadInput               an input is there, but its content is invalid
    │   ├── CorruptImage
    │   ├── AnnotationError    a row of a text or JSON annotation file
    │   └── CheckpointError    a checkpoint or a model folder
    ├── SiteError              a board site refused a request or gave no answer
    │   ├── BrowserError
    │   ├── LoginFailed
    │   ├── SessionEnded
    │   ├── PageFailed
    │   ├── BoardNotFound
    │   ├── IncompleteBoards
    │   └── DownloadFailed     an image was not downloaded; it becomes a row of pins.csv and never ends a run
    ├── TrainingError
    │   └── NonFiniteLoss
    ├── TooFewImages           a measure or a training needs more images than it was given
    ├── BadArgument            an option of the command line is out of its range
    ├── PortInUse
    ├── WorkerLost             a process that works for this one died
    └── AlreadyRunning         another process works on the same thing

A message names the file, the offending value and the remedy, and fits one line: `stages` and the command line print
it unchanged and exit with status 1. `explain_refusal` gives such a message for what the machine refuses: a write, or
memory.
"""

import errno
import re


class FashiongenError(Exception):
    """The base class: errors that a user can correct."""


class ConfigError(FashiongenError):
    """params.yaml or a profile is wrong."""


class MissingInput(FashiongenError):
    """A file, folder, program or credential is not there."""


class BadInput(FashiongenError):
    """An input is there, but its content is invalid."""


class CorruptImage(BadInput):
    """A file is no image, or an image that does not decode to its end."""


class AnnotationError(BadInput):
    """A row of an annotation file contradicts its format."""


class CheckpointError(BadInput):
    """A checkpoint or a model folder is incomplete or of another model."""


class SiteError(FashiongenError):
    """A board site refused a request or gave no answer."""


class BrowserError(SiteError):
    """The browser did not start, or died."""


class LoginFailed(SiteError):
    """The site refused the credentials, or asked for more than a password."""


class SessionEnded(SiteError):
    """The site does not know the session any more."""


class PageFailed(SiteError):
    """A page did not come, or is not the expected one."""


class BoardNotFound(SiteError):
    """The site has no such board."""


class IncompleteBoards(SiteError):
    """The end of a board was not reached, and the params want all."""


class DownloadFailed(SiteError):
    """An image was not downloaded completely; pins.csv has `reason` in its outcome."""

    def __init__(self, reason: str, *, transient: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.transient = transient  # another try may succeed

    @property
    def is_passing(self) -> bool:
        """Whether a later run may succeed; a broken file is retried in this run only."""
        return self.transient and self.reason != "broken_image"


class TrainingError(FashiongenError):
    """A training cannot go on."""


class NonFiniteLoss(TrainingError):
    """A loss became infinite or not a number."""


class TooFewImages(FashiongenError):
    """A measure or a training needs more images than it was given."""


class BadArgument(FashiongenError):
    """An option of the command line is out of its range."""


class PortInUse(FashiongenError):
    """A local server's port is taken."""


class WorkerLost(FashiongenError):
    """A process that works for this one died."""


class AlreadyRunning(FashiongenError):
    """Another process holds the lock of the same work."""


OS_REMEDIES = {
    errno.ENOSPC: "no space is left on the disk; free some, or write to another disk",
    errno.EDQUOT: "your disk quota is used up; free some space, or write to another disk",
    errno.EFBIG: "the file is larger than the file system or `ulimit -f` allows; write to another disk",
    errno.EACCES: "permission denied; change the owner or the mode of this file or folder, or name another",
    errno.EPERM: "the operation is not permitted; change the owner or the attributes of this file or folder",
    errno.EROFS: "the file system is read-only; mount it writable, or write to another place",
    errno.ENOTDIR: "a file is in the place of a folder; move it to another place",
    errno.EEXIST: "a file or a broken link is in the place of a folder; move it to another place",
    errno.EISDIR: "a folder is in the place of a file; move it to another place",
    errno.ENAMETOOLONG: "the name is longer than the file system allows; shorten it",
    errno.ELOOP: "the link leads back to itself; delete it",
    errno.EBUSY: "in use, or a mount point; end what uses it, or unmount it",
    errno.EIO: "the disk reports a read or write error; check the disk",
    errno.ESTALE: "the network file system has lost this file; mount it again",
}


MEMORY_REMEDY = "lower the batch_size, the sides or the widths of this step, or use a machine with more memory"


def explain_refusal(error: Exception) -> str | None:
    """One line with the remedy for what the machine refuses, or None for a fault of the program."""
    return explain_os_error(error) if isinstance(error, OSError) else explain_memory_error(error)


def explain_os_error(error: OSError) -> str | None:
    """One line with the path and the remedy, or None for an error that points to a fault of the program."""
    if error.errno == errno.ENOMEM:
        return f"out of memory; {MEMORY_REMEDY}"
    remedy = OS_REMEDIES.get(error.errno or 0)
    return None if remedy is None else f"{error.filename or 'a file'}: {remedy}"


def explain_memory_error(error: Exception) -> str | None:
    """One line for a MemoryError and for what PyTorch raises in its place, or None for another error."""
    text = str(error)
    is_torch = type(error).__name__ == "OutOfMemoryError" or "can't allocate memory" in text  # a GPU's, the processor's
    if not (isinstance(error, MemoryError) or is_torch):
        return None
    size = re.search(r"allocate ([\d.]+ ?[KMGTP]?i?B|\d+ bytes)", text)
    return f"out of memory{f' ({size[1]} more were needed)' if size else ''}; {MEMORY_REMEDY}"
