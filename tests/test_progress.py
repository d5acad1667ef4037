"""The bar of a resumed training does not take the steps before the kill for fast ones."""

import pytest
from tqdm import tqdm

from fashiongen.dcgan.training.records import EpochRecord
from fashiongen.detector.training.records import HistoryRecord
from fashiongen.runtime.training import TrainingState, TrainingStep
from stages.progress import advance


class Untrained:
    def state_dict(self):
        return {}

    def load_state_dict(self, state):
        assert state == {}

    def copy_weights(self):
        return {}


@pytest.mark.parametrize(("model", "column"), [(HistoryRecord, "iteration"), (EpochRecord, "epoch")])
def test_the_time_left_is_estimated_from_the_steps_that_are_trained_now(model, column):
    values = dict.fromkeys(model.model_fields, 0)
    state = TrainingState(Untrained(), model, best="lowest")
    with tqdm(total=1000) as bar:
        for step in (200, 400, 410):
            advance(bar, TrainingStep(model(**values | {column: step}), state, is_replayed=step <= 400))
        assert (bar.initial, bar.n) == (400, 410)  # tqdm's rate is that of the steps since `initial`
