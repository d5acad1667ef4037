"""Names and numbers as the page writes them."""

import pytest

from fashiongen.report.names import backbone_name, decimal, outcome_name, percent, significant


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("resnet18", "ResNet-18"),
        ("resnext101", "ResNeXt-101"),
        ("resnext101_32x8d", "ResNeXt-101 32x8d"),
        ("vit", "vit"),
    ],
)
def test_backbones_are_written_as_papers_write_them(key, name):
    assert backbone_name(key) == name


@pytest.mark.parametrize(
    ("key", "name"), [("saved", "saved"), ("saved_736x", "saved: 736x"), ("failed_http_404", "failed: http 404")]
)
def test_outcomes_are_told_in_words(key, name):
    assert outcome_name(key) == name


@pytest.mark.parametrize(
    ("value", "text"), [(12.34567, "12.35"), (0.000123456, "0.0001235"), (0.0, "0"), (-0.00001234, "-1.234e-05")]
)
def test_a_number_of_unknown_size_keeps_four_digits(value, text):
    assert significant(value) == text


def test_what_is_not_there_is_a_dash():
    assert decimal(None, 3) == percent(0, 0) == "–"
