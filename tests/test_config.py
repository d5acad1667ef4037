"""Sections of params.yaml, and profiles."""

import pytest
from pydantic import ValidationError

from fashiongen.config import Params, load, parse, read_yaml, section
from fashiongen.errors import ConfigError

TEXT = """\
profile: demo
dedup: {max_hamming_distance: 6, seed: 7}
dcgan:
  variants:
    cropped: {max_hamming_distance: 3, seed: 1}
"""


class Distances(Params):
    """A section with two keys."""

    max_hamming_distance: int
    seed: int


@pytest.fixture
def params_file(tmp_path):
    path = tmp_path / "params.yaml"
    path.write_text(TEXT)
    return path


@pytest.mark.parametrize(("name", "distance"), [("dedup", 6), ("dcgan.variants.cropped", 3)])
def test_a_section_is_loaded_by_its_dotted_name(params_file, name, distance):
    assert load(Distances, name, params_file).max_hamming_distance == distance


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("crop", "crop is missing; there is: profile, dedup, dcgan"),
        ("dcgan.variants.subset", "dcgan.variants.subset is missing; there is: cropped"),
        ("profile.name", "profile.name is missing; there is: no keys"),
    ],
)
def test_a_missing_section_is_named_with_those_there_are(params_file, name, message):
    with pytest.raises(ConfigError, match=rf"params\.yaml: {message}"):
        load(Distances, name, params_file)


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"max_hamming_distance": 6}, "dedup.seed: is missing"),
        ({"max_hamming_distance": 6, "seed": 7, "sede": 8}, "dedup.sede: unknown key; did you mean seed\\?"),
        ({"max_hamming_distance": "six", "seed": 7}, "dedup.max_hamming_distance: Input should be a valid integer"),
        (None, "dedup: Input should be"),
    ],
)
def test_a_missing_unknown_or_wrong_key_is_named_with_file_and_section(values, fault):
    with pytest.raises(ConfigError, match=rf"params\.yaml: .*{fault}"):
        parse(Distances, values, "dedup")


def test_every_fault_is_told_at_once_in_one_line():
    with pytest.raises(ConfigError) as raised:
        parse(Distances, {"max_hamming_distance": "six", "sede": 8}, "dedup")
    assert str(raised.value).count("; ") == 3
    assert "\n" not in str(raised.value)


def test_params_cannot_be_changed():
    params = Distances(max_hamming_distance=6, seed=7)
    with pytest.raises(ValidationError, match="frozen"):
        params.seed = 8  # type: ignore[misc]


@pytest.mark.parametrize("text", ["a: [", "a: b: c", "\t- x", "a: Kéan"])
def test_a_file_that_is_not_yaml_is_named_in_one_line(tmp_path, text):
    (tmp_path / "params.yaml").write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigError, match=r"params\.yaml:1: (not YAML|byte 0xe9 is not UTF-8)") as raised:
        read_yaml(tmp_path / "params.yaml")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "word"])
def test_a_file_without_sections_is_an_error(tmp_path, text):
    (tmp_path / "params.yaml").write_text(text)
    with pytest.raises(ConfigError, match="holds no sections"):
        read_yaml(tmp_path / "params.yaml")


def test_a_missing_params_file_says_how_to_get_one(tmp_path):
    with pytest.raises(ConfigError, match="no such file; run from the repository's root, or `fashiongen profile demo`"):
        read_yaml(tmp_path / "params.yaml")


def test_yaml_makes_no_python_objects(tmp_path):
    (tmp_path / "params.yaml").write_text("a: !!python/object/apply:os.getcwd []\n")
    with pytest.raises(ConfigError, match="not YAML"):
        read_yaml(tmp_path / "params.yaml")


def test_an_empty_name_of_a_section_is_missing_too():
    with pytest.raises(ConfigError, match="is missing"):
        section({"a": 1}, "")
