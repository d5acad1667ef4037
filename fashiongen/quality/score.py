"""How near generated images come to real ones: KID and its spread, precision, recall, and FID where it applies."""

import torch
from jaxtyping import UInt8
from pydantic import BaseModel, ConfigDict
from torch import Tensor, nn
from torch.utils.data import Dataset
from torch_fidelity import calculate_metrics

from fashiongen.errors import TooFewImages
from fashiongen.quality.extractor import EXTRACTOR, hash_module
from fashiongen.quality.params import QualityParams

NEIGHBOURHOOD = 3  # of precision and recall (Kynkäänniemi et al. 2019)


class QualityScore(BaseModel):
    """The scores of one generator; comparable only between rows of the same extractor and the same real images."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    KID: float  # mean over subsets; unbiased, so about 0 or just below it for images of the same kind
    KID_std: float  # over the subsets
    precision: float  # share of generated images that lie among the real ones, 0 to 1
    recall: float  # share of real images that lie among the generated ones, 0 to 1: what a collapse loses
    FID: float | None  # None where a set has no more images than features: its covariance would be singular
    extractor: str
    extractor_sha256: str
    feature_dim: int
    real_images: int
    generated_images: int


class _Images(Dataset[Tensor]):
    def __init__(self, images: UInt8[Tensor, "n 3 h w"]) -> None:
        self.images = images

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> Tensor:
        return self.images[index]


def score(
    *,
    real: UInt8[Tensor, "n_real 3 h w"],
    generated: UInt8[Tensor, "n_generated 3 h w"],
    extractor: nn.Module,
    extractor_name: str,
    params: QualityParams,
) -> QualityScore:
    """The scores of generated images against real ones, by the features of `extractor`: uint8 RGB images to [n, dim].

    KID is the unbiased squared MMD under the kernel (x.y / dim + 1)**3 (Bińkowski et al. 2018), averaged over random
    subsets; precision and recall are those of Kynkäänniemi et al. 2019; FID is that of Heusel et al. 2017 in this
    extractor's features, not in Inception's. The extractor is left in evaluation mode, without gradients.

    Raises:
        TooFewImages: a set is smaller than a KID subset or than a neighbourhood.
    """
    for name, images in (("real", real), ("generated", generated)):
        _check_enough(name, len(images), params)
    feature_dim = _feature_dim(extractor, real[:1])
    has_fid = min(len(real), len(generated)) > feature_dim
    found = _measure(real, generated, extractor, params, has_fid=has_fid)
    return QualityScore(
        KID=found["kernel_inception_distance_mean"],
        KID_std=found["kernel_inception_distance_std"],
        precision=found["precision"],
        recall=found["recall"],
        FID=found["frechet_inception_distance"] if has_fid else None,
        extractor=extractor_name,
        extractor_sha256=hash_module(extractor),
        feature_dim=feature_dim,
        real_images=len(real),
        generated_images=len(generated),
    )


def _measure(
    real: UInt8[Tensor, "n_real 3 h w"],
    generated: UInt8[Tensor, "n_generated 3 h w"],
    extractor: nn.Module,
    params: QualityParams,
    *,
    has_fid: bool,
) -> dict[str, float]:
    return calculate_metrics(
        input1=_Images(generated),
        input2=_Images(real),
        feature_extractor=EXTRACTOR,
        feature_module=extractor,
        kid=True,
        prc=True,
        fid=has_fid,
        kid_subsets=params.kid_subsets,
        kid_subset_size=params.kid_subset_size,
        prc_neighborhood=NEIGHBOURHOOD,
        rng_seed=params.seed,
        cuda=False,
        cache=False,
        save_cpu_ram=True,  # no worker processes for images that are in memory already
        verbose=False,
    )


def _check_enough(name: str, images: int, params: QualityParams) -> None:
    needed = max(params.kid_subset_size, NEIGHBOURHOOD + 1)
    if images < needed:
        raise TooFewImages(f"{images} {name} images, {needed} needed: lower kid_subset_size or bring more images")


@torch.no_grad()
def _feature_dim(extractor: nn.Module, image: UInt8[Tensor, "1 3 h w"]) -> int:
    return int(extractor.eval()(image).shape[1])
