"""Images packed once and read in every epoch, compared with a DataLoader that decodes them in every epoch.

    python benchmarks/packing.py --photographs data/street/ccp/photos --images 400 --epochs 20

Both give batches of 128 shuffled RGB images of 64 x 64 px, from -1 to 1, as the training of PyTorch's DCGAN example
does: its loader resizes and crops with torchvision, by one worker per core, which live as long as the loader.
"""

import argparse
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from measure import describe_machine, print_table
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

from fashiongen.images.pack import Frame, pack_images

SIDE_PX, BATCH = 64, 128


class Photographs(Dataset[Tensor]):
    """As the example's ImageFolder."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = paths
        scale = [transforms.Resize(SIDE_PX), transforms.CenterCrop(SIDE_PX), transforms.ToTensor()]
        self.transform = transforms.Compose([*scale, transforms.Normalize((0.5,) * 3, (0.5,) * 3)])

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> Tensor:
        with Image.open(self.paths[index]) as image:
            transformed: Tensor = self.transform(image.convert("RGB"))
        return transformed


def decode_each_epoch(paths: Sequence[Path], epochs: int) -> Iterator[Tensor]:
    workers = os.cpu_count() or 1
    loader = DataLoader(Photographs(paths), BATCH, shuffle=True, num_workers=workers, persistent_workers=True)
    for _ in range(epochs):
        yield from loader


def pack_once(paths: Sequence[Path], epochs: int) -> Iterator[Tensor]:
    images = torch.from_numpy(pack_images(paths, frame=Frame(SIDE_PX, SIDE_PX), fit="cover"))
    for _ in range(epochs):
        for indices in torch.randperm(len(images)).split(BATCH):
            yield images[indices].float() / 127.5 - 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photographs", type=Path, required=True, help="a folder of JPEGs")
    parser.add_argument("--images", type=int, default=400)
    parser.add_argument("--epochs", type=int, default=20)
    options = parser.parse_args()
    paths = sorted(options.photographs.glob("*.jpg"))[: options.images]
    print(f"{describe_machine('cpu')}\n")
    rows = []
    for name, read in (("DataLoader, decoding in each epoch", decode_each_epoch), ("packed once", pack_once)):
        began = time.perf_counter()
        shown = sum(len(batch) for batch in read(paths, options.epochs))
        rows.append((name, shown, time.perf_counter() - began))
    print_table(
        ["reading", "images shown", "seconds", "images/s", "x the loader"],
        [
            [name, f"{shown:,}", f"{seconds:.1f}", f"{shown / seconds:,.0f}", f"{rows[0][2] / seconds:.1f}"]
            for name, shown, seconds in rows
        ],
    )


if __name__ == "__main__":
    main()
