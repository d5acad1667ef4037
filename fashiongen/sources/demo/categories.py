"""The categories of DeepFashion that are drawn, with the benchmark's count of images of each."""

from typing import NamedTuple

from fashiongen.sources.categories import CATEGORY_TYPES, GarmentType

DRESSES = (
    "sheath", "a_line", "empire", "mermaid", "ball_gown", "slip", "column", "bow_dress", "wrap_dress", "shirt_dress",
    "knit_dress", "tiered_dress", "sundress", "off_shoulder_dress", "asymmetric_dress",
    "balloon_dress", "pleated_dress",
)  # fmt: skip
COATS = ("tailored_coat", "trench", "duffle_coat", "cocoon_coat", "cape_coat")
JUMPSUITS = ("jumpsuit_tailored", "jumpsuit_wide", "jumpsuit_utility")


class Category(NamedTuple):
    """A category that is drawn."""

    name: str
    images: int  # in the published benchmark
    silhouettes: tuple[str, ...]  # keys of wardrobe.SILHOUETTES

    @property
    def type(self) -> GarmentType:
        """Its type in the benchmark."""
        return CATEGORY_TYPES[self.name]


# The benchmark lists four more, but has no image of them: Cape, Nightdress, Shirtdress and Sundress.
DRAWN_CATEGORIES: tuple[Category, ...] = (
    Category("Anorak", 160, ("jacket", "hoodie")),
    Category("Blazer", 7495, ("blazer",)),
    Category("Blouse", 24557, ("blouse",)),
    Category("Bomber", 309, ("jacket",)),
    Category("Button-Down", 330, ("shirt",)),
    Category("Cardigan", 13311, ("cardigan",)),
    Category("Flannel", 324, ("shirt",)),
    Category("Halter", 17, ("tank",)),
    Category("Henley", 716, ("tee",)),
    Category("Hoodie", 4048, ("hoodie",)),
    Category("Jacket", 10467, ("jacket",)),
    Category("Jersey", 748, ("tee",)),
    Category("Parka", 676, ("jacket", "hoodie")),
    Category("Peacoat", 97, ("blazer",)),
    Category("Poncho", 791, ("poncho",)),
    Category("Sweater", 13123, ("sweater",)),
    Category("Tank", 15429, ("tank",)),
    Category("Tee", 36887, ("tee",)),
    Category("Top", 10078, ("peplum", "tank", "blouse")),
    Category("Turtleneck", 146, ("sweater",)),
    Category("Capris", 77, ("capris",)),
    Category("Chinos", 527, ("trousers",)),
    Category("Culottes", 486, ("culottes",)),
    Category("Cutoffs", 1669, ("shorts",)),
    Category("Gauchos", 49, ("culottes",)),
    Category("Jeans", 7076, ("jeans",)),
    Category("Jeggings", 594, ("leggings",)),
    Category("Jodhpurs", 45, ("leggings",)),
    Category("Joggers", 4416, ("joggers",)),
    Category("Leggings", 5013, ("leggings",)),
    Category("Sarong", 32, ("skirt",)),
    Category("Shorts", 19666, ("shorts",)),
    Category("Skirt", 14773, ("skirt",)),
    Category("Sweatpants", 3048, ("joggers", "trousers")),
    Category("Sweatshorts", 1106, ("shorts",)),
    Category("Trunks", 386, ("shorts",)),
    Category("Caftan", 54, ("kaftan",)),
    Category("Coat", 2120, COATS),
    Category("Coverup", 17, ("kaftan",)),
    Category("Dress", 72158, DRESSES),
    Category("Jumpsuit", 6153, JUMPSUITS),
    Category("Kaftan", 126, ("kaftan",)),
    Category("Kimono", 2294, ("kimono_coat",)),
    Category("Onesie", 70, ("jumpsuit_utility",)),
    Category("Robe", 150, ("kimono_coat",)),
    Category("Romper", 7408, ("romper",)),
)
