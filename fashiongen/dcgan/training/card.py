"""A model card in Hugging Face's format, the README.md beside the weights: what they are, and what they came from."""

from typing import Any

import yaml

from fashiongen.dcgan.networks.dcgan import count_parameters
from fashiongen.dcgan.networks.families import FAMILIES
from fashiongen.dcgan.networks.model_card import ModelCard
from fashiongen.dcgan.params import DcganParams, Family, NetworkParams
from fashiongen.dcgan.training.loop import TrainingResult
from fashiongen.dcgan.training.records import EpochRecord
from fashiongen.images.select import describe

TASK = "unconditional-image-generation"
TITLES: dict[Family, str] = {"dcgan": "DCGAN", "modern": "GAN without normalisation, after R3GAN"}

BODY = """\
# {title}, {card.variant}

Draws garments, {card.height_px} pixels high and {card.width_px} wide, from {card.latent_dim} normal numbers. The \
generator has {card.generator_parameters:,} parameters, the discriminator {card.discriminator_parameters:,}.

## Use

In the repository of fashiongen, with this folder in `models/dcgan/{card.variant}`:

```sh
fashiongen generate {card.variant} -n 64 --seed 7 --grid --interpolate
fashiongen export {card.variant} --to {card.variant}.onnx
```

```python
from pathlib import Path

from fashiongen.dcgan.networks.sampling import sample
from fashiongen.dcgan.networks.weights import load_generator

generator = load_generator(Path("models/dcgan/{card.variant}"))
images = sample(generator, 64, seed=7)  # uint8 (64, 3, {card.height_px}, {card.width_px}), RGB
```

`generator.safetensors` and `discriminator.safetensors` hold the weights, `model.json` the shapes of the networks.

## Training data

- {card.training_images:,} images: {query}
- version: `{data_sha256}`, the SHA-256 of `reports/dcgan/{card.variant}/training_set.csv`, which lists the \
SHA-256 of each image
- each seen {card.epochs:,} times at most, {card.images_seen:,} in all

## Last epoch

{losses}

Losses of trainings on different images cannot be compared. Distances to held-out crops (KID, precision, recall) are \
measured after the training, of all variants by one yardstick: see `metrics/dcgan.json`.

## Params

```yaml
{params}```

## Licence

The weights learned from photographs, whose rights stay with their owners: ask them before you publish or sell what \
these networks draw, or the weights themselves. Where the images were the `demo` profile's, this project has drawn \
them, and the weights are under its licence, Apache-2.0. The `street` profile's are Clothing Co-Parsing's; DeepFashion \
and what boards show are not free.

The images are small, look like their training images, and may look like one of them. They show no real garment.
"""


def describe_networks(
    variant: str, params: DcganParams, result: TrainingResult, *, seed: int, training_images: int
) -> ModelCard:
    """The card of what a training ended with; `training_images` is their number."""
    family = FAMILIES[params.family]
    return ModelCard(
        **{name: getattr(params, name) for name in NetworkParams.model_fields},
        variant=variant,
        seed=seed,
        epochs=len(result.history),
        kept_epoch=result.best.step,
        images_seen=result.history[-1].images_seen,
        query=params.query,
        training_images=training_images,
        fit=params.fit,
        generator_parameters=count_parameters(family.generator(params)),
        discriminator_parameters=count_parameters(family.discriminator(params)),
    )


def render_card(card: ModelCard, params: DcganParams, last: EpochRecord, *, data_sha256: str) -> str:
    """The model card as Markdown below YAML; the same for the same training, without dates and versions."""
    means = {name: value for name, value in last.model_dump().items() if isinstance(value, float)}
    losses = {name: float(f"{value:.6g}") for name, value in means.items()}
    body = BODY.format(
        title=TITLES[card.family],
        card=card,
        query=describe(params.query),
        data_sha256=data_sha256,
        losses="\n".join(["| | |", "| --- | ---: |", *(f"| {name} | {value} |" for name, value in losses.items())]),
        params=_to_yaml(params.model_dump(mode="json")),
    )
    return f"---\n{_to_yaml(_metadata(card, losses, data_sha256))}---\n\n{body}"


def _metadata(card: ModelCard, losses: dict[str, float], data_sha256: str) -> dict[str, Any]:
    """The front matter, under the keys of Hugging Face's model cards."""
    result = {
        "task": {"type": TASK},
        "dataset": {"name": f"training set of {card.variant}", "type": "images", "revision": data_sha256},
        "metrics": [{"type": name, "name": f"{name}, last epoch", "value": value} for name, value in losses.items()],
    }
    return {
        "license": "other",
        "license_name": "rights-of-the-training-images",
        "license_link": "README.md#licence",
        "library_name": "pytorch",
        "pipeline_tag": TASK,
        "tags": [{"dcgan": "dcgan", "modern": "r3gan"}[card.family], "gan", "fashion", "image-generation"],
        "model-index": [{"name": f"dcgan-{card.variant}", "results": [result]}],
    }


def _to_yaml(values: dict[str, Any]) -> str:
    return yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=100)
