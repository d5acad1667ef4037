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
MODERN = {"family": "modern", "norm_d": "none", "kernel_px": 3}
HALF = {"accelerator": "cuda", "devices": 1, "nodes": 1, "precision": "16-mixed", "threads": None}


def phase(height_px: int, epochs: int = 1) -> dict[str, int]:
    return {"height_px": height_px, "epochs": epochs}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"augment": ["colour", "colour"]}, "names colour twice"),
        ({"selection": SELECTION}, r"selection\.every_epochs 5 is beyond the 4 epochs"),
        ({"phases": [phase(16), phase(32)]}, "phases, then height_px: 16, 32, 32 are no doublings: the last phase has"),
        ({"phases": [phase(8)]}, "phases, then height_px: 8, 32 are no doublings"),
        ({"phases": [phase(4)]}, "8, 16, 32, 64 or 128"),
        ({"phases": [phase(16, epochs=4)]}, "phases take 4 epochs, and epochs is 4: raise epochs"),
        ({"penalty": {"gamma": 1, "every_steps": 1, "at": "fake"}}, "'real' or 'both'"),
        (
            {"penalty": {"gamma": 1, "every_steps": 1, "at": "both"}},
            r"penalty\.at both with norm_d batch: .* set norm_d to none or spectral, or penalty\.at to real",
        ),
        (MODERN | {"runtime": HALF}, "family modern with runtime.precision 16-mixed: .* set bf16-mixed or 32-true"),
        ({"loss": "wgan"}, "'bce', 'hinge' or 'relativistic'"),
        (
            {"phases": [phase(16, epochs=3)], "selection": SELECTION | {"every_epochs": 3}},
            r"selection\.every_epochs 3 measures none of the epochs at the full size, 4 \(when its",
        ),
        (
            {"phases": [phase(16, epochs=9)], "epochs": 19, "selection": SELECTION | {"every_epochs": 11}},
            r"every_epochs 11 measures none of the epochs at the full size, 12 \(when its layers are faded in\) to 19",
        ),
        (
            {"runtime": {"accelerator": "cpu", "devices": 3, "nodes": 1, "precision": "32-true", "threads": None}},
            "batch_size 8 is no multiple of the 3 devices",
        ),
    ],
)
def test_settings_that_contradict_themselves_are_refused(training_values, changes, message):
    with pytest.raises(ConfigError, match=message):
        config.parse(TrainingParams, training_values | changes, "dcgan.variants.cropped")
