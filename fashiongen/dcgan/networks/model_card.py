"""What a folder of trained networks says of them in model.json; it can be read without torch."""

from pathlib import Path

from pydantic import ConfigDict, ValidationError

from fashiongen.dcgan.params import NetworkParams
from fashiongen.errors import CheckpointError
from fashiongen.files import read_json
from fashiongen.images.pack import Fit
from fashiongen.images.select import QueryParams, Source

CARD = "model.json"


class ModelCard(NetworkParams):
    """What is needed to use the weights, and what they were trained on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    variant: str
    seed: int
    epochs: int
    kept_epoch: int  # the epoch of this generator
    images_seen: int  # real images in all epochs together
    query: QueryParams  # which selected the training images
    training_images: int
    fit: Fit  # how training images were fitted into the frame
    generator_parameters: int
    discriminator_parameters: int

    @property
    def source(self) -> Source:
        """What the training images are; cut-outs have a white ground."""
        return self.query.source


def read_card(folder: Path) -> ModelCard:
    """The model card of a model folder.

    Raises:
        MissingInput: there is no model.json.
        CheckpointError: the file is no model card.
    """
    path = folder / CARD
    try:
        return ModelCard.model_validate(read_json(path))
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(map(str, fault["loc"]))
        raise CheckpointError(f"{path}: {where}: {fault['msg']}; train the variant again") from error
