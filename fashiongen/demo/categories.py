"""DeepFashion's 50 categories in the order of its file, with the benchmark's image counts and what is drawn."""

from typing import NamedTuple

DRESSES = (
    "sheath", "a_line", "empire", "mermaid", "ball_gown", "slip", "column", "bow_dress", "wrap_dress", "shirt_dress",
    "knit_dress", "tiered_dress", "sundress", "off_shoulder_dress", "asymmetric_dress",
    "balloon_dress", "pleated_dress",
)  # fmt: skip
COATS = ("tailored_coat", "trench", "duffle_coat", "cocoon_coat", "cape_coat")
JUMPSUITS = ("jumpsuit_tailored", "jumpsuit_wide", "jumpsuit_utility")


class Category(NamedTuple):
    """One row of list_category_cloth.txt; its label is its place in CATEGORIES, counted from 1."""

    name: str
    type: int  # 1 upper, 2 lower, 3 full
    images: int  # in the published benchmark
    silhouettes: tuple[str, ...]  # keys of wardrobe.SILHOUETTES


CATEGORIES: tuple[Category, ...] = (
    Category("Anorak", 1, 160, ("jacket", "hoodie")),
    Category("Blazer", 1, 7495, ("blazer",)),
    Category("Blouse", 1, 24557, ("blouse",)),
    Category("Bomber", 1, 309, ("jacket",)),
    Category("Button-Down", 1, 330, ("shirt",)),
    Category("Cardigan", 1, 13311, ("cardigan",)),
    Category("Flannel", 1, 324, ("shirt",)),
    Category("Halter", 1, 17, ("tank",)),
    Category("Henley", 1, 716, ("tee",)),
    Category("Hoodie", 1, 4048, ("hoodie",)),
    Category("Jacket", 1, 10467, ("jacket",)),
    Category("Jersey", 1, 748, ("tee",)),
    Category("Parka", 1, 676, ("jacket", "hoodie")),
    Category("Peacoat", 1, 97, ("blazer",)),
    Category("Poncho", 1, 791, ("poncho",)),
    Category("Sweater", 1, 13123, ("sweater",)),
    Category("Tank", 1, 15429, ("tank",)),
    Category("Tee", 1, 36887, ("tee",)),
    Category("Top", 1, 10078, ("peplum", "tank", "blouse")),
    Category("Turtleneck", 1, 146, ("sweater",)),
    Category("Capris", 2, 77, ("capris",)),
    Category("Chinos", 2, 527, ("trousers",)),
    Category("Culottes", 2, 486, ("culottes",)),
    Category("Cutoffs", 2, 1669, ("shorts",)),
    Category("Gauchos", 2, 49, ("culottes",)),
    Category("Jeans", 2, 7076, ("jeans",)),
    Category("Jeggings", 2, 594, ("leggings",)),
    Category("Jodhpurs", 2, 45, ("leggings",)),
    Category("Joggers", 2, 4416, ("joggers",)),
    Category("Leggings", 2, 5013, ("leggings",)),
    Category("Sarong", 2, 32, ("skirt",)),
    Category("Shorts", 2, 19666, ("shorts",)),
    Category("Skirt", 2, 14773, ("skirt",)),
    Category("Sweatpants", 2, 3048, ("joggers", "trousers")),
    Category("Sweatshorts", 2, 1106, ("shorts",)),
    Category("Trunks", 2, 386, ("shorts",)),
    Category("Caftan", 3, 54, ("kaftan",)),
    Category("Cape", 3, 0, ()),
    Category("Coat", 3, 2120, COATS),
    Category("Coverup", 3, 17, ("kaftan",)),
    Category("Dress", 3, 72158, DRESSES),
    Category("Jumpsuit", 3, 6153, JUMPSUITS),
    Category("Kaftan", 3, 126, ("kaftan",)),
    Category("Kimono", 3, 2294, ("kimono_coat",)),
    Category("Nightdress", 3, 0, ()),
    Category("Onesie", 3, 70, ("jumpsuit_utility",)),
    Category("Robe", 3, 150, ("kimono_coat",)),
    Category("Romper", 3, 7408, ("romper",)),
    Category("Shirtdress", 3, 0, ()),
    Category("Sundress", 3, 0, ()),
)
