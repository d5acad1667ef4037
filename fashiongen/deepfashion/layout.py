"""Where a copy of the benchmark keeps its files: in the folders of the download or of other known copies."""

from collections.abc import Iterable
from pathlib import Path

from fashiongen.errors import MissingInput

ANNOTATION_FOLDERS = ("Anno_coarse", "Anno", "AnnoCoarse")
PARTITION_FOLDERS = ("Eval",)
IMAGE_FOLDERS = ("Img", ".", "img", "img-001")  # the parents of the folder `img/` that the annotation files name


def find_text_file(root: Path, name: str, folders: Iterable[str] = ANNOTATION_FOLDERS) -> Path:
    """The annotation file `name` in the first of `folders` that has it.

    Raises:
        MissingInput: none has it; the message lists the places.
    """
    candidates = [root / folder / name for folder in folders]
    for path in candidates:
        if path.is_file():
            return path
    places = ", ".join(str(path) for path in candidates)
    raise MissingInput(f"{name} is in none of: {places}; set deepfashion.root, or put the benchmark's files there")


def find_image_folder(root: Path, image_names: Iterable[str]) -> Path:
    """The folder, relative to `root`, that the paths `image_names` start from; the first image that is found decides.

    Raises:
        MissingInput: no image is in any of the known places.
    """
    for name in image_names:
        for folder in IMAGE_FOLDERS:
            if (root / folder / name).exists():
                return Path(folder)
    places = ", ".join(str(root / folder / "img") for folder in IMAGE_FOLDERS)
    raise MissingInput(f"no annotated image is in any of: {places}; unpack img.zip below {root / 'Img'}")


def require_benchmark(root: Path) -> None:
    """Make sure that the text files and a folder of images are below `root`.

    Raises:
        MissingInput: one is not; the message says where to get the benchmark and where to put it.
    """
    try:
        for name in ("list_bbox.txt", "list_category_cloth.txt", "list_category_img.txt"):
            find_text_file(root, name)
        find_image_folder(root, ["img"])
    except MissingInput as error:
        raise MissingInput(
            f"{root}: no DeepFashion here; its authors hand out the Category and Attribute Prediction Benchmark at "
            f"mmlab.ie.cuhk.edu.hk/projects/DeepFashion.html: put its folders Anno_coarse, Eval and Img into {root} "
            f"and unpack Img/img.zip there ({error})"
        ) from error
