"""Settings that contradict themselves are refused."""

import pytest

from fashiongen import config
from fashiongen.dcgan.params import TrainingParams
from fashiongen.errors import ConfigError

SELECTION = {
    "every_epochs": 5,
    "generated_images": 4,
    "kid_subset_size": 2,
    "kid_subsets": 2,
    "features_side_px": 32,
}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"augment": ["colour", "colour"]}, "names colour twice"),
        ({"selection": SELECTION}, r"selection\.every_epochs 5 is beyond the 4 epochs"),
        (
            {"runtime": {"accelerator": "cpu", "devices": 3, "nodes": 1, "precision": "32-true"}},
            "batch_size 8 is no multiple of the 3 devices",
        ),
    ],
)
def test_settings_that_contradict_themselves_are_refused(training_values, changes, message):
    with pytest.raises(ConfigError, match=message):
        config.parse(TrainingParams, training_values | changes, "dcgan.variants.cropped")
