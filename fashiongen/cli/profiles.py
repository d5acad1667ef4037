"""Profiles: profiles/base.yaml with what one other file says differently, as a whole params.yaml."""

from copy import deepcopy
from difflib import get_close_matches
from functools import lru_cache
from io import StringIO
from itertools import takewhile
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import CommentMark, MarkedYAMLError, YAMLError
from ruamel.yaml.tokens import CommentToken

from fashiongen.config import is_slug, parse_yaml, read_source
from fashiongen.errors import ConfigError
from fashiongen.files import shorten

PROFILES = Path("profiles")
BASE = "base"
# Where a profile may add a key, or remove one by setting it to null.
OPEN_SECTIONS = ("dcgan.variants", "detector.per_backbone")
OVERLAY = "overlay"  # the key under which the overlay stands while both files are read as one


def profile_names(folder: Path = PROFILES) -> list[str]:
    """The profiles there are, sorted."""
    return sorted(path.stem for path in folder.glob("*.yaml") if path.stem != BASE and is_slug(path.stem))


def profile_path(name: str, folder: Path = PROFILES) -> Path:
    """The file of a profile.

    Raises:
        ConfigError: there is no such profile; the message lists those there are.
    """
    path = folder / f"{name}.yaml"
    if name not in profile_names(folder):
        raise ConfigError(f"{shorten(path)}: no such profile; choose from {', '.join(profile_names(folder)) or 'none'}")
    return path


def read_profile(name: str, folder: Path = PROFILES) -> dict[str, Any]:
    """All values of a profile; see `compose` for what it raises."""
    return parse_yaml(compose(name, folder), folder / f"{name}.yaml")


def compose(name: str, folder: Path = PROFILES) -> str:
    """The text of the params.yaml of a profile: the base with the profile's values and its comments.

    A comment of the base stays where the profile gives a value without one. Anchors and merge keys stay as they are.
    The profile's own header comes first.

    Raises:
        ConfigError: there is no such profile, a file is not YAML, or the profile names a key that the base has not.
    """
    path, base_path = profile_path(name, folder), folder / f"{BASE}.yaml"
    return _compose_texts(_read_lines(base_path), _read_lines(path), base_path, path)


@lru_cache(maxsize=8)  # a parse that keeps the comments takes 0.1 s, and a switch composes each profile twice
def _compose_texts(base_text: str, overlay_text: str, base_path: Path, path: Path) -> str:
    values = _parse_together(base_text, overlay_text, base_path, path)
    overlay = values.pop(OVERLAY)
    if not isinstance(overlay, CommentedMap):
        raise ConfigError(f"{path}: holds no sections")
    _merge(values, overlay, "", path)
    values["profile"] = path.stem
    header = (line for line in _read_header(overlay_text) if line not in _read_header(base_text))
    return "".join(header) + _space_sections(_render(values))


def _read_header(text: str) -> list[str]:
    """The comments before the first key."""
    return list(takewhile(lambda line: line.startswith("#"), text.splitlines(keepends=True)))


def _read_lines(path: Path) -> str:
    """The text of a file with `\\n` after each line."""
    return "".join(f"{line}\n" for line in read_source(path).splitlines())


def _parse_together(base: str, overlay: str, base_path: Path, path: Path) -> CommentedMap:
    """The base's mapping with the overlay under one more key: so an overlay may use the anchors of the base."""
    indented = "".join(f"  {line}" for line in overlay.splitlines(keepends=True))
    try:
        values = _yaml().load(f"{base}{OVERLAY}:\n{indented}")
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        before = len(base.splitlines())
        where = f"{base_path}:{line}" if line <= before else f"{path}:{max(1, line - before - 1)}"
        raise ConfigError(f"{where}: not YAML: {shorten(error.problem)}") from error
    except (LookupError, AttributeError) as error:  # ruamel raises them for `!!bool maybe`, for example
        raise ConfigError(f"{path}: not YAML: a value does not fit its tag ({shorten(error)})") from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: not YAML: {shorten(error)}") from error
    if not isinstance(values, CommentedMap):
        raise ConfigError(f"{base_path}: holds no sections")
    return values


def _yaml() -> YAML:
    yaml = YAML()  # round trip: with comments, anchors and merge keys
    yaml.width = 4096
    yaml.composer.warn_double_anchors = False  # a whole params.yaml can serve as a profile
    yaml.preserve_quotes = True
    yaml.representer.add_representer(
        type(None), lambda dumper, _: dumper.represent_scalar("tag:yaml.org,2002:null", "null")
    )
    return yaml


def _merge(base: CommentedMap, overlay: CommentedMap, section: str, path: Path) -> None:
    """Write the values of an overlay over those of the base, in place.

    A mapping of the base keeps its merge keys: what an overlay's mapping merges does not count.

    Raises:
        ConfigError: the base has no such key; the message names the nearest that it has.
    """
    for key, value in overlay.non_merged_items():
        name = f"{section}.{key}".lstrip(".")
        if key not in base and (section not in OPEN_SECTIONS or value is None):
            near = get_close_matches(str(key), map(str, base), n=1)
            remedy = f"did you mean {near[0]}?" if near else f"there is: {', '.join(map(str, base))}"
            raise ConfigError(f"{path}: {shorten(name)}: unknown key; {remedy}")
        if section in OPEN_SECTIONS and value is None:
            del base[key]
            continue
        if key in base and base[key] == value:
            pass
        elif isinstance(value, CommentedMap) and isinstance(base.get(key), CommentedMap) and base[key]:
            if key not in dict(base.non_merged_items()):
                base[key] = deepcopy(base[key])  # it belongs to the mapping that was merged, and to others
            _merge(base[key], value, name, path)
        else:
            base[key] = value
        _take_comment(base, overlay, key)


def _take_comment(base: CommentedMap, overlay: CommentedMap, key: str) -> None:
    """Put the comment on the line of an overlay's key in the place of the base's; the lines below it stay."""
    mine, yours = (mapping.ca.items.get(key, [None] * 4) for mapping in (base, overlay))
    first, _, below = mine[2].value.partition("\n") if mine[2] else ("", "", "")
    comment = yours[2].value.partition("\n")[0].strip() if yours[2] else first
    if not comment or base.fa.flow_style():
        return
    mine[2] = CommentToken(f"{comment}\n{below}", CommentMark(0), None)
    base.ca.items[key] = mine
    if isinstance(base[key], CommentedMap) and base[key].ca.comment:
        base[key].ca.comment[0] = mine[2]


def _render(values: CommentedMap) -> str:
    text = StringIO()
    _yaml().dump(values, text)
    return text.getvalue()


def _space_sections(text: str) -> str:
    """The text with one empty line before each key of the first level, and no other."""
    lines = [line for line in text.splitlines() if line.strip()]
    return "".join(f"{line}\n" if line[0] in " #" else f"\n{line}\n" for line in lines)
