"""The photographs without labels that self-training learns from."""

from pathlib import Path

from fashiongen.detector.data.targets import ImageFile
from fashiongen.errors import MissingInput
from fashiongen.files import read_csv
from fashiongen.images.manifest import ImageRecord
from fashiongen.images.reading.decode import SUFFIXES


def list_photographs(folder: Path) -> list[ImageFile]:
    """The images of the train split where `folder` has a manifest, as data/pinterest; else all image files below it.

    Held-out images are left out: what is measured on them should not have been learned from them.

    Raises:
        MissingInput: there is none.
    """
    if has_manifest(folder):
        rows = read_csv(folder / "manifest.csv", ImageRecord)
        paths = [folder / "images" / row.file for row in rows if row.split == "train"]
    else:
        paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    if not paths:
        raise MissingInput(
            f"{folder}: no photograph for self-training: put some there, let detector.unlabelled name another folder, "
            "or set detector.train.self_training to null"
        )
    return [ImageFile(number, path) for number, path in enumerate(paths, start=1)]


def has_manifest(folder: Path) -> bool:
    """Whether the images of a folder are listed, and all of them decode."""
    return (folder / "manifest.csv").is_file()
