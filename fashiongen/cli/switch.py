"""Write a profile to params.yaml without losing the user's edits."""

from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path
from typing import Any, Literal

from fashiongen.cli.profiles import PROFILES, compose, profile_names, profile_path
from fashiongen.cli.whole_params import validate
from fashiongen.config import PARAMS_FILE, parse_yaml, read_source
from fashiongen.errors import ConfigError
from fashiongen.files import shorten, write_text

Edits = Literal["refuse", "keep", "discard"]


def switch_profile(
    name: str, *, edits: Edits = "refuse", folder: Path = PROFILES, params_file: Path = PARAMS_FILE
) -> Path | None:
    """Write the profile `name` to params.yaml; returns the backup of the old params.yaml, or None if there is none.

    The old file counts as edited if a value differs from the profile that it names; `edits` says whether it is then
    refused, kept as a backup or discarded. If only comments or layout differ, it is kept as a backup without asking,
    except with `discard`.

    Raises:
        ConfigError: the profile or one of its values is wrong, or `edits` is `refuse` and params.yaml was edited.
    """
    text = compose(name, folder)
    path = profile_path(name, folder)
    validate(parse_yaml(text, path), path, folder)
    kept = None
    if params_file.exists() and edits != "discard" and not _is_written_by_us(params_file, folder):
        changed = find_edits(params_file, folder)
        if changed and edits == "refuse":
            raise ConfigError(
                f"{params_file}: edited ({changed}): `fashiongen profile {name} --keep` moves it to "
                f"{_free_name(params_file)} first, `--discard` overwrites it"
            )
        kept = params_file.rename(_free_name(params_file))
    write_text(params_file, text)
    return kept


def _is_written_by_us(params_file: Path, folder: Path) -> bool:
    """Whether the file is byte for byte one of the current profiles."""
    content = params_file.read_bytes() if params_file.is_file() else None
    return any(content == text.encode() for text in _compose_all(folder))


def _compose_all(folder: Path) -> Iterator[str]:
    for name in profile_names(folder):
        try:
            yield compose(name, folder)
        except ConfigError:  # another profile is invalid
            continue


def find_edits(params_file: Path, folder: Path = PROFILES) -> str:
    """The first values that differ from those of the profile that the file names, in words; empty if none does."""
    try:
        values = parse_yaml(read_source(params_file), params_file)
        name = str(values.get("profile"))
        original = parse_yaml(compose(name, folder), params_file)
    except ConfigError as error:
        return str(error)
    ours, theirs = dict(_flatten(values)), dict(_flatten(original))
    differing = [key for key in {**theirs, **ours} if ours.get(key, KeyError) != theirs.get(key, KeyError)]
    named = [f"{key} {_say(ours, key)}, in {name} {_say(theirs, key)}" for key in islice(differing, 3)]
    more = [f"and {len(differing) - 3} more"] if len(differing) > 3 else []
    return "; ".join([*named, *more])


def _flatten(values: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Each value that is not a mapping, and each empty mapping, with its dotted key."""
    if isinstance(values, dict) and values:
        for name, value in values.items():
            yield from _flatten(value, f"{key}.{name}".lstrip("."))
    else:
        yield key, values


def _say(values: dict[str, Any], key: str) -> str:
    return shorten(values[key], 40) if key in values else "missing"


def _free_name(params_file: Path) -> Path:
    """The first name for a copy beside the file that is not taken."""
    names = (params_file.with_name(f"{params_file.name}.bak-{number}") for number in count(1))
    return next(path for path in names if not (path.exists() or path.is_symlink()))
