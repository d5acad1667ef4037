"""Scores of generated images against real ones: KID, precision, recall, density, coverage, FID."""

from typing import NamedTuple

from jaxtyping import Float, UInt8
from pydantic import BaseModel, ConfigDict
from torch import Tensor
from torch_fidelity.metric_fid import KEY_METRIC_FID, fid_features_to_statistics, fid_statistics_to_metric
from torch_fidelity.metric_kid import KEY_METRIC_KID_MEAN, KEY_METRIC_KID_STD, kid_features_to_metric
from torch_fidelity.metric_prc import KEY_METRIC_PRECISION, KEY_METRIC_RECALL, prc_features_to_metric

from fashiongen.errors import TooFewImages
from fashiongen.evaluation.metrics import manifold
from fashiongen.evaluation.metrics.extractor import Extractor
from fashiongen.evaluation.metrics.params import QualityParams

NEIGHBOURHOOD = 3  # of precision and recall (Kynkäänniemi et al. 2019)


class KernelDistance(NamedTuple):
    """KID over random subsets of both sets."""

    mean: float
    std: float


class Distances(BaseModel):
    """The measures of two sets of features from any extractor."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    KID: float  # mean over subsets; unbiased, so about 0 or just below it for images of the same kind
    KID_std: float  # over the subsets
    precision: float  # share of generated images that lie among the real ones, 0 to 1
    recall: float  # share of real images that lie among the generated ones, 0 to 1: what a collapse loses
    density: float  # how many real neighbourhoods a generated image lies in, about 1 for images of the same kind
    coverage: float  # share of real images with a generated one in their neighbourhood, 0 to 1
    FID: float | None  # None where a set has no more images than features: its covariance would be singular


class QualityScore(Distances):
    """The scores of one generator; comparable only between rows of the same extractor and the same real images."""

    extractor: str
    extractor_sha256: str
    feature_dim: int
    real_images: int
    generated_images: int


class RealFeatures:
    """The features of real images, extracted once, which any number of generated sets are measured against."""

    def __init__(
        self, images: UInt8[Tensor, "n_real 3 height width"], extractor: Extractor, params: QualityParams
    ) -> None:
        """Extract the features.

        Raises:
            TooFewImages: the set is smaller than a KID subset or than a neighbourhood.
        """
        _check_enough("real", len(images), params)
        self.extractor = extractor
        self.params = params
        self.features = extractor.extract(images)

    def score(self, images: UInt8[Tensor, "n_generated 3 height width"]) -> QualityScore:
        """The scores of generated images.

        Raises:
            TooFewImages: the set is smaller than a KID subset or than a neighbourhood.
        """
        return self.score_features(self.extractor.extract(images))

    def score_features(self, generated: Float[Tensor, "n_generated dim"]) -> QualityScore:
        """The scores of generated images by features that this extractor gave; raises as `score`."""
        _check_enough("generated", len(generated), self.params)
        return QualityScore(
            **measure_distances(real=self.features, generated=generated, params=self.params).model_dump(),
            extractor=self.extractor.name,
            extractor_sha256=self.extractor.sha256,
            feature_dim=generated.shape[1],
            real_images=len(self.features),
            generated_images=len(generated),
        )


def measure_distances(
    *, real: Float[Tensor, "n_real dim"], generated: Float[Tensor, "n_generated dim"], params: QualityParams
) -> Distances:
    """The measures of generated features against real ones, by torch-fidelity and `manifold`.

    KID is the unbiased squared MMD under the kernel (x.y / dim + 1)**3 (Bińkowski et al. 2018), averaged over random
    subsets; precision and recall are those of Kynkäänniemi et al. 2019; FID is that of Heusel et al. 2017 in these
    features, whatever they are: only Inception's make it the published one.
    """
    kid = measure_kid(real=real, generated=generated, params=params)
    manifolds = prc_features_to_metric(generated, real, prc_neighborhood=NEIGHBOURHOOD, verbose=False)
    found = manifold.density_and_coverage(real, generated, neighbourhood=manifold.NEIGHBOURHOOD)
    return Distances(
        KID=kid.mean,
        KID_std=kid.std,
        precision=manifolds[KEY_METRIC_PRECISION],
        recall=manifolds[KEY_METRIC_RECALL],
        density=found.density,
        coverage=found.coverage,
        FID=_frechet_distance(real, generated),
    )


def measure_kid(
    *, real: Float[Tensor, "n_real dim"], generated: Float[Tensor, "n_generated dim"], params: QualityParams
) -> KernelDistance:
    """KID alone, which selects the epoch to keep; it needs fewer images than the other measures."""
    found = kid_features_to_metric(
        generated,
        real,
        kid_subsets=params.kid_subsets,
        kid_subset_size=params.kid_subset_size,
        rng_seed=params.seed,
        verbose=False,
    )
    return KernelDistance(found[KEY_METRIC_KID_MEAN], found[KEY_METRIC_KID_STD])


class KIDScorer:
    """Measures the KID of generated images against real ones during a training, in any of its processes."""

    def __init__(
        self, images: UInt8[Tensor, "n_real 3 height width"], extractor: Extractor, params: QualityParams
    ) -> None:
        self.extractor = extractor
        self.params = params
        self.features = extractor.extract(images)

    def __call__(self, images: UInt8[Tensor, "n_generated 3 height width"]) -> float:
        """The mean KID of generated images."""
        return measure_kid(real=self.features, generated=self.extractor.extract(images), params=self.params).mean


def _frechet_distance(real: Float[Tensor, "n_real dim"], generated: Float[Tensor, "n_generated dim"]) -> float | None:
    if min(len(real), len(generated)) <= real.shape[1]:
        return None
    statistics = (fid_features_to_statistics(features) for features in (generated, real))
    distance: float | None = fid_statistics_to_metric(*statistics, verbose=False)[KEY_METRIC_FID]
    return distance


def images_needed(params: QualityParams) -> int:
    """The fewest images of a set that every measure but FID works on."""
    return max(params.kid_subset_size, NEIGHBOURHOOD + 1, manifold.NEIGHBOURHOOD + 1)


def _check_enough(name: str, images: int, params: QualityParams) -> None:
    needed = images_needed(params)
    if images < needed:
        raise TooFewImages(f"{images} {name} images, {needed} needed: lower kid_subset_size or bring more images")
