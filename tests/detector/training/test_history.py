"""A record holds the mean losses of its iterations."""

import torch

from fashiongen.detector.networks.contract import LOSSES
from fashiongen.detector.training.history import mean_record


def row(*values):
    return dict(zip(LOSSES, map(torch.tensor, values), strict=True))


def test_a_record_holds_the_means_and_their_sum():
    record = mean_record([row(1.0, 2.0, 3.0, 4.0), row(3.0, 2.0, 0.0, 0.0)], iteration=8, lr=0.1)
    found = (record.loss_classifier, record.loss_box_reg, record.loss_objectness, record.loss_rpn_box_reg)
    assert found == (2.0, 2.0, 1.5, 2.0)
    assert (record.loss, record.iteration, record.lr, record.AP) == (7.5, 8, 0.1, None)
