"""How much is measured, whatever the images are."""

from pydantic import Field, PositiveInt

from fashiongen.config import Params


class QualityParams(Params):
    """How much is drawn and compared."""

    generated_images: PositiveInt
    kid_subsets: PositiveInt
    kid_subset_size: int = Field(ge=2)  # no more than there are real images
    seed: int
