"""Params of the measurements: how many images, which features, and when an image counts as a copy."""

from typing import Annotated, Literal

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
    """Which network extracts the features."""

    extractor: Literal["backbone", "inception"]  # the selected detector's, or Inception-v3
    inception_weights: str | None  # a file's path; the backbone needs none
    features_side_px: Annotated[int, Field(ge=32, le=4096)]  # longer side for the backbone; Inception has its own

    @model_validator(mode="after")
    def _give_inception_its_weights(self) -> "ExtractorParams":
        if self.extractor == "inception" and self.inception_weights is None:
            raise ValueError("extractor is inception: set inception_weights to the path of its file")
        return self


class OriginalityParams(Params):
    """When a generated image counts as a near-copy of a training image: one of the two is enough."""

    copy_quantile: Annotated[float, Field(gt=0, lt=1)]  # of the distances between training images: nearer is a copy
    copy_hash_distance: Annotated[int, Field(ge=0, le=64)]  # bits of a 64-bit perceptual hash: as few is a copy
