"""The files of the conversion: a COCO data set for each part, and the tables that the report draws."""

from collections.abc import Sequence
from pathlib import Path

from fashiongen.coco.dataset import build_dataset, write_dataset
from fashiongen.deepfashion.conversion import Conversion
from fashiongen.deepfashion.distributions import choose_examples, count_types, record_example
from fashiongen.deepfashion.records import CategoryCount, ExampleRecord, TypeCount
from fashiongen.errors import TooFewImages
from fashiongen.files import copy_file, write_csv

EXAMPLES_PER_TYPE = 4


def write_part(path: Path, conversions: Sequence[Conversion], description: str) -> None:
    """Write the COCO file of one part of the split.

    Raises:
        TooFewImages: it would hold no image.
    """
    images = [each.image for each in conversions if each.image]
    if not images:
        raise TooFewImages(
            f"{path}: none of the {len(conversions)} labelled images of this part could be converted; change "
            "deepfashion.train_frac or deepfashion.split, or complete the images below deepfashion.root"
        )
    write_dataset(path, build_dataset(images, description))


def write_tables(
    folder: Path, categories: Sequence[CategoryCount], conversions: Sequence[Conversion], root: Path
) -> None:
    """Write the numbers and the example images of the study's figures 3.1 to 3.3, which the report draws."""
    write_csv(folder / "categories.csv", CategoryCount, categories)
    write_csv(folder / "types.csv", TypeCount, count_types(conversions))
    chosen = choose_examples(conversions, categories, per_type=EXAMPLES_PER_TYPE)
    examples = [record_example(item, image, place) for place, (item, image) in enumerate(chosen, start=1)]
    write_csv(folder / "examples.csv", ExampleRecord, examples)
    for example in examples:
        copy_file(root / example.source, folder / "examples" / example.file)
