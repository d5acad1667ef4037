"""Check that DeepFashion, which may not be redistributed, was put in place; say what to fetch and where it goes."""

from pathlib import Path

from fashiongen.errors import MissingInput
from stages.entry import run

TREE = Path("data/thesis/deepfashion")
NEEDED = [
    "Anno_coarse/list_bbox.txt",
    "Anno_coarse/list_category_cloth.txt",
    "Anno_coarse/list_category_img.txt",
    "Eval/list_eval_partition.txt",
    "Img/img",
]


def main() -> None:
    missing = [name for name in NEEDED if not (TREE / name).exists()]
    if missing:
        raise MissingInput(
            f"{TREE}: {', '.join(missing)} not there; ask DeepFashion's authors (mmlab.ie.cuhk.edu.hk/projects/"
            f"DeepFashion.html) for the Category and Attribute Prediction Benchmark, put its folders Anno_coarse, Eval "
            f"and Img under {TREE} and unpack Img/img.zip there"
        )


if __name__ == "__main__":
    run(main)
