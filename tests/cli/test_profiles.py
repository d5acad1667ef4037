"""Profiles: a base, and what each says differently, become a whole params.yaml."""

import shutil
from pathlib import Path

import pytest
import yaml

from fashiongen.cli.profiles import compose, profile_names, profile_path, read_profile
from fashiongen.cli.switch import find_edits, switch_profile
from fashiongen.cli.whole_params import validate
from fashiongen.errors import ConfigError

PROFILES = Path(__file__).parents[2] / "profiles"
NAMES = profile_names(PROFILES)
ABOUT = "about: {free_disk_gb: 1, page_note: Mine.}\nscrape: {boards: data/mine}\ndeepfashion: {root: data/tree}\n"


def flatten(values, key=()):
    """Each value that is no mapping, or an empty one, by the keys that lead to it."""
    if isinstance(values, dict) and values:
        return {path: leaf for name, value in values.items() for path, leaf in flatten(value, (*key, name)).items()}
    return {key: values}


@pytest.fixture
def folder(tmp_path):
    """A copy of the base, and a profile `mine` that gives only what a profile must give."""
    shutil.copy(PROFILES / "base.yaml", tmp_path)
    (tmp_path / "mine.yaml").write_text(f"# My own profile.\n{ABOUT}")
    return tmp_path


def extend(folder, text):
    """Add to the profile `mine`; its params.yaml as text and as values."""
    with (folder / "mine.yaml").open("a") as file:
        file.write(text)
    return compose("mine", folder), read_profile("mine", folder)


@pytest.mark.parametrize("name", NAMES)
def test_every_profile_is_a_whole_params_file_that_says_its_name(name):
    values = read_profile(name, PROFILES)
    assert validate(values, PROFILES / f"{name}.yaml", PROFILES).profile == name


def test_a_profile_is_one_file(folder):
    _, values = extend(folder, "")
    assert validate(values, folder / "mine.yaml", folder).profile == "mine"


@pytest.mark.parametrize("name", NAMES)
def test_a_profile_repeats_no_value_of_the_base(name):
    base = flatten(yaml.safe_load((PROFILES / "base.yaml").read_text()))
    overlay = flatten(yaml.safe_load((PROFILES / f"{name}.yaml").read_text()))
    assert [path for path, value in overlay.items() if base.get(path) == value and path in base] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_value_is_the_profiles_or_else_the_bases(name):
    base = flatten(yaml.safe_load((PROFILES / "base.yaml").read_text()))
    overlay = flatten(yaml.safe_load((PROFILES / f"{name}.yaml").read_text()))
    # what an overlay replaces, or fills where the base has an empty mapping
    replaced = {path for path in base if any(path[: len(other)] == other[: len(path)] for other in overlay)}
    shared = {path: value for path, value in base.items() if path not in replaced and path[:2] != ("dcgan", "variants")}
    composed = flatten(read_profile(name, PROFILES))
    assert overlay.items() <= composed.items()
    assert {path: composed[path] for path in shared} == shared | {("profile",): name}


@pytest.mark.parametrize("name", NAMES)
def test_a_whole_params_file_serves_as_a_profile_and_composes_to_itself(folder, name):
    text = compose(name, PROFILES)
    (folder / f"{name}.yaml").write_text(text)
    assert compose(name, folder) == text


def test_comments_anchors_and_merge_keys_survive(folder):
    text, _ = extend(folder, "dcgan:\n  settings:\n    epochs: 9\n    ngf: 8 # narrow\n")
    base = (folder / "base.yaml").read_text()
    assert text.startswith(f"# My own profile.\n{base.splitlines()[0]}\n")
    assert "    ngf: 8 # narrow\n" in text
    for line in base.splitlines():
        key, _, comment = line.partition("# ")
        if comment and key.split(":")[0].strip() not in {"profile", "ngf", "boards", "root"}:
            assert f"{line}\n" in text
    for line in ("settings: &settings", "<<: *settings", "query: &cropped {<<: *any, source: crops, label: full}"):
        assert f" {line}\n" in text


def test_a_comment_of_the_base_stays_where_a_value_comes_without_one(folder):
    text, _ = extend(folder, "crop:\n  aspect: 0.7\n")
    assert (
        "  aspect: 0.7 # widen the box to this width / height, as the frames below; null keeps the box's own\n" in text
    )


def test_a_setting_reaches_every_variant_and_a_variants_own_reaches_no_other(folder):
    own = "original:\n      selection: {every_epochs: 5}\n      query: {draw: {count: 4}}\n"
    _, values = extend(folder, f"dcgan:\n  settings: {{latent_dim: 9}}\n  variants:\n    {own}")
    variants = values["dcgan"]["variants"]
    assert {variant["latent_dim"] for variant in variants.values()} == {9}
    assert [variant["selection"]["every_epochs"] for variant in variants.values()] == [18, 5, 18, 18]
    assert variants["original"]["query"]["draw"] == {"count": 4}
    assert variants["cropped"]["query"]["draw"] is None
    assert values["dcgan"]["query"]["draw"] is None


def test_a_variant_can_be_added_with_the_anchors_of_the_base(folder):
    wide = "wide: # mine\n      <<: *settings\n      ngf: 64\n      query: {<<: *any, source: crops, label: upper}\n"
    text, values = extend(folder, f"dcgan:\n  variants:\n    {wide}")
    params = validate(values, folder / "mine.yaml", folder).dcgan.variants
    assert list(params) == ["cropped", "original", "subset", "cutout", "wide"]
    assert (params["wide"].ngf, params["wide"].query.label, params["wide"].epochs) == (64, "upper", 54)
    assert f"    {wide}\nevaluate:" in text


@pytest.mark.parametrize("name", ["cropped", "original", "subset", "cutout"])
def test_a_variant_can_be_removed(folder, name):
    """`cropped` too, whose query `subset` is measured by."""
    before = read_profile("mine", folder)["dcgan"]["variants"]
    text, values = extend(folder, f"dcgan:\n  variants:\n    {name}: null\n")
    assert values["dcgan"]["variants"] == {other: value for other, value in before.items() if other != name}
    assert f"    {name}:\n" not in text


def test_a_backbone_can_be_given_overrides(folder):
    text, values = extend(folder, "detector:\n  per_backbone:\n    resnet50: {fpn_channels: 128}\n")
    assert values["detector"]["per_backbone"] == {"resnet50": {"fpn_channels": 128}}
    assert "per_backbone: # per-backbone overrides of `model`" in text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("evaluat: {seed: 3}", "mine.yaml: evaluat: unknown key; did you mean evaluate?"),
        ("dedup: {held_out_fraction: 0.1}", "dedup.held_out_fraction: unknown key; did you mean held_out_frac?"),
        ("detector: {train: {gama: 0.1}}", "detector.train.gama: unknown key; did you mean gamma?"),
        ("crop: {zzz: 1}", "crop.zzz: unknown key; there is: label, min_score, padding_frac, aspect"),
        ("dcgan: {variants: {cropped: {epoch: 1}}}", "dcgan.variants.cropped.epoch: unknown key; did you mean epochs?"),
        ("dcgan: {variants: {croped: null}}", "dcgan.variants.croped: unknown key; did you mean cropped?"),
        ("dcgan: {variants: {new: {<<: *setings}}}", "mine.yaml:5: not YAML: found undefined alias 'setings'"),
        ("crop: [", ": not YAML: "),
        ("about: {}", "mine.yaml:5: not YAML: found duplicate key"),
        ("crop: !!bool maybe", "mine.yaml: not YAML: a value does not fit its tag ('maybe')"),
        ("crop: {aspect: 0x_}", "mine.yaml: not YAML: a value does not fit its tag"),
        ("? |\n  a\n  b\n: 1", "mine.yaml: a b: unknown key"),
    ],
)
def test_a_wrong_profile_is_refused_in_one_line_with_file_and_key(folder, text, message):
    with pytest.raises(ConfigError) as raised:
        extend(folder, f"{text}\n")
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("text", ["", "- a\n", "word\n", "# only a comment\n"])
def test_a_profile_without_sections_is_refused(folder, text):
    (folder / "mine.yaml").write_text(text)
    with pytest.raises(ConfigError, match=r"mine\.yaml: holds no sections"):
        compose("mine", folder)


def test_what_a_profile_must_give_is_missed(folder):
    (folder / "mine.yaml").write_text(ABOUT.replace("deepfashion: {root: data/tree}\n", ""))
    with pytest.raises(ConfigError, match=r"mine\.yaml: deepfashion\.root: "):
        switch_profile("mine", folder=folder, params_file=folder / "params.yaml")


@pytest.mark.parametrize("name", ["studio", "", "../params", "demo.yaml", "base", "a b", "x;y"])
def test_an_unknown_profile_is_an_error_that_lists_those_there_are(folder, name):
    (folder / "a b.yaml").write_text(ABOUT)
    (folder / "x;y.yaml").write_text(ABOUT)
    with pytest.raises(ConfigError, match="no such profile; choose from mine"):
        profile_path(name, folder)


@pytest.fixture
def switch(folder):
    """Switches params.yaml, beside the profiles, between them."""
    shutil.copy(PROFILES / "demo.yaml", folder)

    def switch(name, **options):
        return switch_profile(name, folder=folder, params_file=folder / "params.yaml", **options)

    return switch


def change_params(folder, before="epochs: 54", after="epochs: 3"):
    path = folder / "params.yaml"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))
    return path.read_bytes()


@pytest.mark.parametrize("edits", ["refuse", "keep", "discard"])
def test_a_profile_as_it_was_written_gives_way_to_another_one_and_leaves_no_copy(folder, switch, edits):
    assert switch("demo") is None
    assert switch("mine", edits=edits) is None
    assert (folder / "params.yaml").read_text() == compose("mine", folder)
    assert list(folder.glob("*.bak*")) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["demo", "mine"])
def test_an_edited_params_file_is_not_overwritten(folder, switch, name):
    """Neither by another profile, nor by the one that it began as."""
    switch("demo")
    edited = change_params(folder)
    with pytest.raises(ConfigError) as raised:
        switch(name)
    assert "dcgan.settings.epochs 3, in demo 54; " in str(raised.value)
    assert f"`fashiongen profile {name} --keep` moves it to {folder}/params.yaml.bak-1 first, `--discard`" in str(
        raised.value
    )
    assert (folder / "params.yaml").read_bytes() == edited


@pytest.mark.slow
def test_an_edited_params_file_is_kept_beside_if_that_is_asked_for(folder, switch):
    kept = []
    for epochs in (3, 4):
        switch("demo", edits="discard")
        kept.append(change_params(folder, after=f"epochs: {epochs}"))
        assert switch("mine", edits="keep") == folder / f"params.yaml.bak-{epochs - 2}"
    assert [(folder / f"params.yaml.bak-{number}").read_bytes() for number in (1, 2)] == kept
    assert (folder / "params.yaml").read_text() == compose("mine", folder)


def test_an_edited_params_file_is_overwritten_if_that_is_asked_for(folder, switch):
    switch("demo")
    change_params(folder)
    assert switch("demo", edits="discard") is None
    assert sorted(path.name for path in folder.iterdir()) == ["base.yaml", "demo.yaml", "mine.yaml", "params.yaml"]
    assert (folder / "params.yaml").read_text() == compose("demo", folder)


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda text: yaml.safe_dump(yaml.safe_load(text), sort_keys=False),  # as DVC writes it after `-S`
        lambda text: f"{text}# a note of mine\n",
        lambda text: text.replace("\n", "\r\n"),
    ],
    ids=["merged", "comment", "line ends"],
)
def test_other_text_with_the_same_values_is_no_edit_but_is_kept(folder, switch, rewrite):
    switch("demo")
    rewritten = rewrite((folder / "params.yaml").read_text()).encode()
    (folder / "params.yaml").write_bytes(rewritten)
    assert find_edits(folder / "params.yaml", folder) == ""
    assert switch("mine") == folder / "params.yaml.bak-1"
    assert (folder / "params.yaml.bak-1").read_bytes() == rewritten


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"profile: [", "not YAML"),
        (b"", "holds no sections"),
        (b"profile: studio\n", "no such profile"),
        (b"crop: {}\n", "no such profile"),
        ("profile: démo\n".encode("cp1252"), "save the file as UTF-8"),
    ],
)
def test_a_params_file_that_cannot_be_compared_counts_as_edited(folder, switch, content, message):
    (folder / "params.yaml").write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        switch("demo")
    assert (folder / "params.yaml").read_bytes() == content
    assert switch("demo", edits="keep") == folder / "params.yaml.bak-1"


def test_keys_that_were_added_or_removed_are_edits(folder, switch):
    switch("demo")
    values = yaml.safe_load((folder / "params.yaml").read_text())
    del values["crop"]["aspect"]
    values["crop"]["margin"] = 1
    (folder / "params.yaml").write_text(yaml.safe_dump(values))
    assert (
        find_edits(folder / "params.yaml", folder) == "crop.aspect missing, in demo 0.5; crop.margin 1, in demo missing"
    )


def test_a_folder_in_the_place_of_params_is_moved_only_if_asked(folder, switch):
    (folder / "params.yaml").mkdir()
    (folder / "params.yaml/mine.txt").write_text("mine")
    with pytest.raises(ConfigError, match="a folder; a file is expected"):
        switch("demo")
    assert switch("demo", edits="keep") == folder / "params.yaml.bak-1"
    assert (folder / "params.yaml.bak-1/mine.txt").read_text() == "mine"
