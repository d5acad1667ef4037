"""Params of the measurements: how many images, which features, and when an image counts as a copy."""

from typing import Annotated

from pydantic import Field, PositiveInt, model_validator

from fashiongen.config import Params, Seed


class QualityParams(Params):
    """How many images are generated and compared."""

    generated_images: Annotated[int, Field(ge=2)]
    kid_subsets: PositiveInt
    kid_subset_size: int = Field(ge=2)  # no more than there are real images
    seed: Seed

    @model_validator(mode="after")
    def _subsets_fit(self) -> "QualityParams":
        if self.kid_subset_size > self.generated_images:
            raise ValueError(
                f"kid_subset_size {self.kid_subset_size} exceeds generated_images {self.generated_images}: lower it"
            )
        return self


class ExtractorParams(Params):
    """Which networks extract the features: the detectors' backbones, and Inception-v3 where its file is given."""

    inception_weights: str | None  # a file's path
    features_side_px: Annotated[int, Field(ge=32, le=4096)]  # longer side for the backbones; Inception has its own


class OriginalityParams(Params):
    """When a generated image counts as a near-copy of a training image: one of the two is enough."""

    copy_quantile: Annotated[float, Field(gt=0, lt=1)]  # of the distances between training images: nearer is a copy
    copy_hash_distance: Annotated[int, Field(ge=0, le=64)]  # bits of a 64-bit perceptual hash: as few is a copy
