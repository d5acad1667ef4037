"""Which variants have a folder of trained networks, and which should have one."""

from collections.abc import Collection
from pathlib import Path

from fashiongen.errors import BadInput, MissingInput


def find_variant(models: Path, variant: str, known: Collection[str]) -> Path:
    """The model folder of a variant; `known` are those of params.yaml.

    Raises:
        MissingInput: it is not trained yet, or there is no such variant; the message says which, and what to do.
    """
    folder = models / variant
    if (folder / "model.json").is_file():
        return folder
    if variant in known:
        raise MissingInput(f"{folder}: not trained yet; `dvc repro train_dcgan@{variant}`, or `dvc pull {folder}`")
    raise MissingInput(f"{folder}: no such variant; params.yaml has {', '.join(known) or 'none'}")


def require_only(variants: Collection[str], *folders: Path) -> None:
    """Make sure that each folder has a subfolder for each variant, and no other.

    The stage `evaluate` depends on whole folders, so that a new variant needs no change of dvc.yaml. The folder of a
    variant that was removed from params.yaml would count as an input and change the hash in dvc.lock.

    Raises:
        MissingInput: a variant has no folder.
        BadInput: a subfolder belongs to no variant.
    """
    for folder in folders:
        there = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
        for variant in variants:
            if variant not in there:
                raise MissingInput(f"{folder / variant}: not there; `dvc repro train_dcgan@{variant}`, or `dvc pull`")
        for stray in sorted(there - set(variants)):
            remedy = "`dvc checkout` clears away what DVC keeps in its cache, else delete it"
            raise BadInput(f"{folder / stray}: of no variant in params.yaml, and would count as an input; {remedy}")
