"""The categories of DeepFashion's Category and Attribute Prediction Benchmark, as the sources write them.

The reader of the benchmark has a list of its own: so a test that reads what is written here compares the two lists.
"""

from typing import Final, Literal

GarmentType = Literal["upper", "lower", "full"]

TYPE_NUMBERS: Final[dict[GarmentType, int]] = {"upper": 1, "lower": 2, "full": 3}

_NAMES: Final[dict[GarmentType, str]] = {
    "upper": "Anorak Blazer Blouse Bomber Button-Down Cardigan Flannel Halter Henley Hoodie Jacket Jersey Parka "
    "Peacoat Poncho Sweater Tank Tee Top Turtleneck",
    "lower": "Capris Chinos Culottes Cutoffs Gauchos Jeans Jeggings Jodhpurs Joggers Leggings Sarong Shorts Skirt "
    "Sweatpants Sweatshorts Trunks",
    "full": "Caftan Cape Coat Coverup Dress Jumpsuit Kaftan Kimono Nightdress Onesie Robe Romper Shirtdress Sundress",
}

# In the order of list_category_cloth.txt: an image's label is the 1-based place of its category here.
CATEGORY_TYPES: Final[dict[str, GarmentType]] = {
    name: garment_type for garment_type, names in _NAMES.items() for name in names.split()
}
CATEGORY_LABELS: Final[dict[str, int]] = {name: label for label, name in enumerate(CATEGORY_TYPES, start=1)}
