"""Where a copy of the benchmark keeps its files: the download's own folders and those that circulate."""

from collections.abc import Iterable
from pathlib import Path

from fashiongen.errors import MissingInput

ANNOTATION_FOLDERS = ("Anno_coarse", "Anno", "AnnoCoarse")
PARTITION_FOLDERS = ("Eval",)
IMAGE_FOLDERS = ("Img", ".", "img", "img-001")  # what stands before the `img/` of the annotation files


def find_text_file(root: Path, name: str, folders: Iterable[str] = ANNOTATION_FOLDERS) -> Path:
    """The annotation file `name` in the first of `folders` that has it.

    Raises:
        MissingInput: none has it; the message lists where it was looked for.
    """
    candidates = [root / folder / name for folder in folders]
    for path in candidates:
        if path.is_file():
            return path
    places = ", ".join(str(path) for path in candidates)
    raise MissingInput(f"{name} is in none of: {places}; set deepfashion.root, or put the benchmark's files there")


def find_image_folder(root: Path, image_names: Iterable[str]) -> Path:
    """The folder below `root`, relative to it, that `image_names` are paths in; the first image found decides.

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
    """See that the text files and some folder of images are below `root`.

    Raises:
        MissingInput: one is not; the message says who hands the benchmark out and where it goes.
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
