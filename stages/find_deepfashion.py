"""Check that the user has put DeepFashion in place: its licence forbids us to provide it."""

from pathlib import Path

from fashiongen.deepfashion.layout import require_benchmark
from stages.entry import run


def main() -> None:
    require_benchmark(Path("data/thesis/deepfashion"))


if __name__ == "__main__":
    run(main)
