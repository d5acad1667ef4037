"""A section of params.yaml, or of another YAML file, as its params model."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import ErrorDetails

from fashiongen.errors import BadInput, ConfigError, MissingInput
from fashiongen.files import read_text, shorten

PARAMS_FILE = Path("params.yaml")
MAX_NUMBER = 10**12  # of a value: more has no use here, and overflows what PyTorch and NumPy count with
MAX_VALUES = 100_000  # of a YAML file with its aliases written out: more is no params file, but an attack or a mistake

SLUG = r"[a-z0-9][a-z0-9_-]{0,63}"  # a name that is safe in paths and shells
SLUG_RULE = "a name has at most 64 lower-case letters, digits, - and _, and begins with a letter or digit"
MAX_SEED = 2**32 - 1  # what NumPy takes
Seconds = Annotated[float, Field(ge=0, le=86_400)]
Workers = Annotated[int, Field(ge=0, le=256)]  # processes or threads
Seed = Annotated[int, Field(ge=0, le=MAX_SEED)]
UnitInterval = Annotated[float, Field(ge=0, le=1)]  # a share, a probability or a score


def is_slug(name: str) -> bool:
    """Whether a name is safe in paths and shells, and on file systems that ignore case."""
    return re.fullmatch(SLUG, name) is not None


def require_slug(name: str, key: str) -> str:
    """The same name, which becomes part of a path.

    Raises:
        ConfigError: it is not safe there; the message names `key`.
    """
    try:
        return _require_slug(name)
    except ValueError as error:
        raise ConfigError(f"{PARAMS_FILE}: {key}: {shorten(repr(name), 60)}: {error}") from error


def _require_slug(name: str) -> str:
    if not is_slug(name):
        raise ValueError(SLUG_RULE)
    return name


Slug = Annotated[str, AfterValidator(_require_slug)]
Values = TypeVar("Values", bound=Sequence[Any])


def require_distinct(values: Values) -> Values:
    """The same values, for a field of which none may repeat.

    Raises:
        ValueError: one does.
    """
    if repeated := sorted({str(value) for value in values if list(values).count(value) > 1}):
        raise ValueError(f"names {', '.join(repeated)} twice")
    return values


class Params(BaseModel):
    """Base of every params model: frozen, without defaults; it rejects unknown keys and values that nothing can use."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _is_usable(cls, value: Any) -> Any:
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, int | float) and MAX_NUMBER < abs(part) < float("inf"):
                raise ValueError(f"is beyond {MAX_NUMBER:,}")
            if isinstance(part, str) and "\0" in part:
                raise ValueError("holds a NUL character, which no path may have")
        return value


Model = TypeVar("Model", bound=Params)


class _Loader(yaml.SafeLoader):
    """YAML's safe loader; it rejects a key that stands twice in one mapping, or is no scalar."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a list or mapping as a key", key.start_mark)
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key.value} stands twice", key.start_mark)
            seen.add(key.value)
        return node


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file.

    Raises:
        ConfigError: there is no such file, it is not text or not YAML, or it holds no mapping; the message gives the
            line where there is one.
    """
    return parse_yaml(read_source(path), path)


def read_source(path: Path) -> str:
    """The text of a YAML file.

    Raises:
        ConfigError: there is no such file, or it is not text.
    """
    try:
        return read_text(path)
    except MissingInput as error:
        remedy = (
            "; run from the repository's root, or `fashiongen profile demo`" if path.name == PARAMS_FILE.name else ""
        )
        raise ConfigError(f"{error}{remedy}") from error
    except BadInput as error:
        raise ConfigError(str(error)) from error


def parse_yaml(text: str, path: Path) -> dict[str, Any]:
    """The mapping in the YAML text of the file `path`.

    Raises:
        ConfigError: as `read_yaml`.
    """
    try:
        values = yaml.load(text, _Loader)
    except yaml.MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ConfigError(f"{path}{line}: not YAML: {shorten(error.problem)}") from error
    except RecursionError as error:
        raise ConfigError(f"{path}: not YAML: nested too deeply") from error
    except (LookupError, AttributeError) as error:  # PyYAML raises them for `!!bool maybe`, for example
        raise ConfigError(f"{path}: not YAML: a value does not fit its tag ({shorten(error)})") from error
    except (yaml.YAMLError, ValueError) as error:  # characters and numbers that YAML or Python does not take
        raise ConfigError(f"{path}: not YAML: {shorten(error)}") from error
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: holds no sections")
    _check_size(values, path)
    return values


def _check_size(values: Any, path: Path) -> None:
    """Aliases of aliases can stand for more values than any memory holds.

    Raises:
        ConfigError: `values` holds more than MAX_VALUES, or itself.
    """
    waiting, count = [values], 0
    while waiting and count <= MAX_VALUES:
        value = waiting.pop()
        inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
        count += 1 + len(inner)
        waiting += inner
    if waiting:
        raise ConfigError(f"{path}: its aliases stand for more than {MAX_VALUES:,} values, or for themselves")


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
            raise ConfigError(f"{path}: {'.'.join([*walked, part])} is missing; there is: {shorten(there)}")
        found = found[part]
        walked.append(part)
    return found


def parse(model: type[Model], values: Any, name: str, path: Path = PARAMS_FILE) -> Model:
    """`values` as `model`.

    Raises:
        ConfigError: a key is missing, unknown or has a wrong value; the message names file, section, key and value.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise ConfigError(f"{path}: {describe_faults(error, name, model)}") from error


def describe_faults(error: ValidationError, name: str, model: type[Params]) -> str:
    """All faults of the section `name` in one line, each with its key and value."""
    known = _list_keys(model)
    faults = (_describe_fault(fault, name, known) for fault in error.errors(include_url=False))
    return shorten("; ".join(faults), 1000)


def _describe_fault(fault: ErrorDetails, name: str, known: set[str]) -> str:
    """`detector.train.gamma: Input should be less than or equal to 1 (got 3)`, for example."""
    key = ".".join(filter(None, [name, *map(str, fault["loc"])]))
    match fault["type"]:
        case "missing":
            return f"{key}: is missing"
        case "extra_forbidden":
            near = get_close_matches(str(fault["loc"][-1]), known - {fault["loc"][-1]}, n=1)
            return f"{key}: unknown key{f'; did you mean {near[0]}?' if near else ''}"
        case _:
            got = fault["input"]
            value = "" if isinstance(got, dict | Params) else f" (got {shorten(repr(got), 60)})"
            return f"{key}: {fault['msg'].removeprefix('Value error, ')}{value}"


def _list_keys(model: Any, inside: frozenset[Any] = frozenset()) -> set[str]:
    """The names of all fields of a params model and of the models in it; `inside` holds the models around it."""
    keys: set[str] = set()
    if isinstance(model, type) and issubclass(model, Params) and model not in inside:
        for name, field in model.model_fields.items():
            keys |= {name} | _list_keys(field.annotation, inside | {model})
    return keys.union(*(_list_keys(part, inside) for part in get_args(model)))


def load(model: type[Model], name: str, path: Path = PARAMS_FILE) -> Model:
    """The section `name` of params.yaml as `model`; see `section` and `parse` for what it raises."""
    return parse(model, section(read_yaml(path), name, path), name, path)
