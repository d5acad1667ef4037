"""A section of params.yaml as its params model, and the switch between profiles."""

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from fashiongen.errors import ConfigError
from fashiongen.files import write_bytes

PARAMS_FILE = Path("params.yaml")
PROFILES = Path("profiles")


class Params(BaseModel):
    """Base of every params model: frozen, without defaults, deaf to no unknown key."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


Model = TypeVar("Model", bound=Params)


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file.

    Raises:
        ConfigError: there is no such file, or it holds no mapping.
    """
    if not path.is_file():
        raise ConfigError(f"{path}: no such file; run from the repository's root, or `fashiongen profile demo`")
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not YAML in UTF-8: {' '.join(str(error).split())}") from error
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: holds no sections")
    return values


def section(values: dict[str, Any], name: str, path: Path = PARAMS_FILE) -> Any:
    """What stands under a dotted name such as `dcgan.variants.cropped`.

    Raises:
        ConfigError: a part of the name is missing; the message lists what is there instead.
    """
    found: Any = values
    walked: list[str] = []
    for part in name.split("."):
        if not isinstance(found, dict) or part not in found:
            there = ", ".join(map(str, found)) if isinstance(found, dict) else "no keys"
            raise ConfigError(f"{path}: {'.'.join([*walked, part])} is missing; there is: {there}")
        found = found[part]
        walked.append(part)
    return found


def parse(model: type[Model], values: Any, name: str, path: Path = PARAMS_FILE) -> Model:
    """`values` as `model`.

    Raises:
        ConfigError: a key is missing, unknown or of the wrong type; the message names file, section and key.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(filter(None, [name, *map(str, e['loc'])]))}: {e['msg']}" for e in error.errors())
        raise ConfigError(f"{path}: {faults}") from error


def load(model: type[Model], name: str, path: Path = PARAMS_FILE) -> Model:
    """The section `name` of params.yaml as `model`; see `section` and `parse` for what it raises."""
    return parse(model, section(read_yaml(path), name, path), name, path)


def profile_names(folder: Path = PROFILES) -> list[str]:
    """The profiles there are, sorted."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


def profile_path(name: str, folder: Path = PROFILES) -> Path:
    """The file of a profile.

    Raises:
        ConfigError: there is no such profile; the message lists those there are.
    """
    path = folder / f"{name}.yaml"
    if name not in profile_names(folder):
        raise ConfigError(f"{path}: no such profile; choose from {', '.join(profile_names(folder)) or 'none'}")
    return path


def switch_profile(name: str, folder: Path = PROFILES, params_file: Path = PARAMS_FILE) -> None:
    """Copy a profile over params.yaml; the caller has validated it."""
    write_bytes(params_file, profile_path(name, folder).read_bytes())
