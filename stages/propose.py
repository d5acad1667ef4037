"""Draw garments for each brand's next season, as it is forecast."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import torch
from PIL import Image
from tqdm import tqdm

from fashiongen import config
from fashiongen.files import write_bytes, write_csv
from fashiongen.folders import fresh_folder
from fashiongen.studio.generators import Generators, StudioGenerator
from fashiongen.studio.pictures import encode_png
from fashiongen.studio.proposals import ProposeParams, Wish, choose_variant, make_wish, propose
from fashiongen.trends.colours import name_colour, to_hex
from fashiongen.trends.records import ProposalRecord
from fashiongen.trends.results import read_trends
from stages.entry import run

TRENDS = Path("data/trends")
MODELS = Path("models/dcgan")
PROPOSALS = Path("reports/proposals")


def main() -> None:
    """Write reports/proposals: a picture for each proposed garment, and proposals.csv."""
    params = config.load(ProposeParams, "propose")
    torch.set_num_threads(1)  # so few pixels share no work, and the last digits depend on the number
    generators = Generators(MODELS)
    queries = {name: card.query for name, card in generators.cards.items()}
    wishes = list(read_wishes(params))
    folder = fresh_folder(PROPOSALS)
    rows: list[ProposalRecord] = []
    numbers = count(1)
    for wish in tqdm(wishes, "proposing", leave=False):
        if (variant := choose_variant(queries, wish.brand)) is not None:
            rows += draw_proposals(generators[variant], wish, params, folder, numbers)
    write_csv(folder / "proposals.csv", ProposalRecord, rows)
    print(f"propose: {len(rows)} garments for {len({row.brand for row in rows})} brands' next season")


def read_wishes(params: ProposeParams) -> Iterator[Wish]:
    """What is forecast of each brand, and of all together."""
    for brand in read_trends(TRENDS):
        last = brand.seasons[-1]
        wish = make_wish(last.measures, brand.forecasts, last.palette, params.garments)
        if wish is not None:
            yield wish


def draw_proposals(
    generator: StudioGenerator, wish: Wish, params: ProposeParams, folder: Path, numbers: Iterator[int]
) -> Iterator[ProposalRecord]:
    """Write the pictures of a brand's proposals, and yield their rows."""
    for rank, one in enumerate(propose(generator, wish, params), start=1):
        picture = f"{next(numbers):04}.png"
        write_bytes(folder / picture, encode_png(Image.fromarray(one.image)))
        yield ProposalRecord(
            brand=wish.brand,
            season=wish.season,
            rank=rank,
            variant=generator.name,
            weights_sha256=generator.weights_sha256,
            start_seed=params.seed,
            start=one.start,
            colour=to_hex(one.colour[None].numpy())[0],
            name=name_colour(one.colour.numpy()),
            colour_distance=round(one.colour_distance, 4),
            height_to_width=round(one.height_to_width, 3),
            picture=picture,
        )


if __name__ == "__main__":
    run(main)
