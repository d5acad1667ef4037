"""Read Clothing Co-Parsing (Yang, Luo, Lin, CVPR 2014): street photographs, their label maps and their tags.

photos/NNNN.jpg                         every photograph
annotations/pixel-level/NNNN.mat        `groundtruth`: a label for each pixel
annotations/image-level/NNNN.mat        `tags`: the labels of a photograph that has no map
label_list.mat                          `label_list`: the tag that each label stands for
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Shaped, UInt8
from numpy import ndarray
from PIL import Image
from scipy.io import loadmat

from fashiongen.errors import BadInput, CorruptImage, MissingInput

SOURCE = "https://github.com/bearpaw/clothing-co-parsing"
ENVIRONMENT_NAME = "FASHIONGEN_CCP"


class Photograph(NamedTuple):
    """A photograph and the file with what is known of it."""

    name: str  # its number, as in 0001
    image: Path
    annotation: Path


def provide_ccp(folder: Path, copy: str | None) -> None:
    """Check that the data set is at `folder`; if it is not, link the folder to a local `copy` of it.

    Raises:
        MissingInput: it is neither there nor at `copy`; the message gives the ways to get it.
    """
    if not folder.exists() and copy:
        folder.unlink(missing_ok=True)  # a link to a copy that has moved
        folder.symlink_to(Path(copy).resolve())
    require_ccp(folder)


def require_ccp(folder: Path) -> None:
    """Check that the data set is at `folder`.

    Raises:
        MissingInput: it is not; the message gives the ways to get it.
    """
    if not (folder / "label_list.mat").is_file():
        raise MissingInput(
            f"{folder}: the photographs of Clothing Co-Parsing are not there; fetch them with `dvc import {SOURCE} . "
            f"-o {folder}`, or put a copy there, or name the folder of a copy in {ENVIRONMENT_NAME}"
        )


def read_tags(folder: Path) -> tuple[str, ...]:
    """The tag of each label, by its number.

    Raises:
        MissingInput: there is no label_list.mat.
        BadInput: the file is not a list of names.
    """
    path = folder / "label_list.mat"
    cells = _read_mat(path, "label_list").ravel()
    try:
        return tuple(str(cell.item()) for cell in cells)
    except (AttributeError, ValueError) as error:
        raise BadInput(f"{path}: label_list is not a list of names ({error})") from error


def find_mapped(folder: Path) -> list[Photograph]:
    """The photographs with a label map, by name; see `_find` for what it raises."""
    return _find(folder, "pixel-level")


def find_tagged(folder: Path) -> list[Photograph]:
    """The photographs with tags only, by name; see `_find` for what it raises."""
    return _find(folder, "image-level")


def _find(folder: Path, level: str) -> list[Photograph]:
    """The photographs annotated at a level.

    Raises:
        MissingInput: there are none, or a photograph is missing.
    """
    annotations = sorted((folder / "annotations" / level).glob("*.mat"))
    if not annotations:
        raise MissingInput(f"{folder / 'annotations' / level}: no .mat file there; is {folder} a copy of {SOURCE}?")
    found = [Photograph(path.stem, folder / "photos" / f"{path.stem}.jpg", path) for path in annotations]
    for photograph in found:
        if not photograph.image.is_file():
            raise MissingInput(f"{photograph.image}: no such file, and {photograph.annotation} annotates it")
    return found


def read_photograph(path: Path) -> Image.Image:
    """The decoded photograph, RGB.

    Raises:
        CorruptImage: it does not decode to its end.
    """
    try:
        with Image.open(path) as image:
            return image.convert("RGB")
    except (OSError, ValueError, SyntaxError) as error:
        raise CorruptImage(f"{path}: not a whole image ({error}); fetch it again") from error


def read_label_map(path: Path, size: tuple[int, int], n_labels: int) -> UInt8[ndarray, "height width"]:
    """The label of each pixel of a photograph of `size` (width, height).

    Raises:
        BadInput: the map has another size than the photograph, or a label that stands for no tag.
    """
    labels = _read_mat(path, "groundtruth")
    if labels.shape != size[::-1]:
        raise BadInput(f"{path}: a map of {labels.shape[::-1]} pixels for a photograph of {size}; fetch both again")
    _require_labels(path, labels, n_labels)
    return labels.astype(np.uint8)


def read_image_tags(path: Path, tags: tuple[str, ...]) -> list[str]:
    """The tags of a photograph that has no map, in the order of their labels.

    Raises:
        BadInput: a label stands for no tag.
    """
    labels = _read_mat(path, "tags").ravel()
    _require_labels(path, labels, len(tags))
    return [tags[label] for label in sorted({int(label) for label in labels})]


def _require_labels(path: Path, labels: ndarray, n_labels: int) -> None:
    if not np.issubdtype(labels.dtype, np.integer) or labels.size == 0:
        raise BadInput(f"{path}: holds {labels.size} values of type {labels.dtype} where labels should be")
    if labels.min() < 0 or labels.max() >= n_labels:
        raise BadInput(f"{path}: label {labels.max()} stands for no tag; label_list.mat has {n_labels}")


def _read_mat(path: Path, variable: str) -> Shaped[ndarray, "..."]:
    if not path.is_file():
        raise MissingInput(f"{path}: no such file")
    try:
        return np.asarray(loadmat(path, variable_names=[variable])[variable])
    except KeyError as error:
        raise BadInput(f"{path}: no variable {variable} in it; fetch the file again") from error
    except Exception as error:  # scipy's reader raises a dozen unrelated types on bytes that are no .mat file
        raise BadInput(f"{path}: not a MATLAB file ({error}); fetch it again") from error
