"""See that DeepFashion, which may not be redistributed, was put in place; say what to fetch and where it goes."""

from pathlib import Path

from fashiongen.deepfashion.layout import require_benchmark
from stages.entry import run


def main() -> None:
    require_benchmark(Path("data/thesis/deepfashion"))


if __name__ == "__main__":
    run(main)
