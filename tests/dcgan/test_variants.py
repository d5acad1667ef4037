"""Which folder is whose, and what is said of one that is missing or left over."""

import pytest

from fashiongen.dcgan.variants import find_variant, require_only
from fashiongen.errors import BadInput, MissingInput
from fashiongen.files import write_text


@pytest.fixture
def models(tmp_path):
    for name in ("cropped", "aurore"):
        write_text(tmp_path / name / "model.json", "{}")
    (tmp_path / "subset").mkdir()
    return tmp_path


@pytest.mark.parametrize("variant", ["cropped", "aurore"])
def test_a_trained_variant_is_found_also_when_params_yaml_has_it_no_more(models, variant):
    assert find_variant(models, variant, ["cropped", "subset"]) == models / variant


def test_a_variant_without_networks_is_not_trained_yet(models):
    with pytest.raises(MissingInput, match=r"subset: not trained yet; `dvc repro train_dcgan@subset`, or `dvc pull"):
        find_variant(models, "subset", ["cropped", "subset"])


def test_an_unknown_variant_is_answered_with_those_there_are(models):
    with pytest.raises(MissingInput, match=r"milano: no such variant; params\.yaml has cropped, subset"):
        find_variant(models, "milano", ["cropped", "subset"])


def test_folders_that_hold_the_variants_and_nothing_else_pass(models):
    require_only(["subset", "aurore", "cropped"], models, models)


def test_what_a_variant_left_behind_is_refused(models):
    with pytest.raises(BadInput, match=r"aurore: of no variant in params\.yaml.*`dvc checkout` clears"):
        require_only(["cropped", "subset"], models)


@pytest.mark.parametrize("folder", ["", "nowhere"])
def test_a_variant_that_is_not_there_is_named_with_its_remedy(models, folder):
    with pytest.raises(MissingInput, match="original: not there; `dvc repro train_dcgan@original`, or `dvc pull`"):
        require_only(["original"], models / folder)
