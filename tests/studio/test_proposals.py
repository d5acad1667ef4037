"""Garments for a season that is forecast, drawn by a network whose garments are known in closed form."""

import copy
from dataclasses import replace
from threading import Lock

import pytest
import torch

from fashiongen.images.oklab import parse_colour, to_oklab
from fashiongen.images.select import QueryParams
from fashiongen.studio.appearance import mean_colours, soft_mask
from fashiongen.studio.proposals import ProposeParams, Wish, choose_variant, make_wish, propose
from fashiongen.trends.records import ForecastRecord, SeriesRecord, SwatchRecord

PARAMS = ProposeParams(garments=3, candidates=512, seed=7)
OF_BRAND = {"brand": "Nord", "season": "FW26", "garments": 9}


def series(**values):
    return {
        name: SeriesRecord(**OF_BRAND, measure=name, value=value, low=None, high=None) for name, value in values.items()
    }


def forecasts(**values):
    fixed = {"brand": "Nord", "season": "SS27", "model": "level", "low": 0.0, "high": 9.0, "trials": 5}
    fixed |= {"covered_frac": 0.8, "mase": 1.0, "best_baseline": "last", "beats_baselines": False}
    fixed |= dict.fromkeys(("mase_mean", "mase_last", "mase_drift", "mase_year_ago"), 1.0)
    return {name: ForecastRecord(**fixed, measure=name, value=value) for name, value in values.items()}


def palette(*colours):
    return [
        SwatchRecord(**OF_BRAND, rank=rank, colour=colour, name="", share=1 / len(colours))
        for rank, colour in enumerate(colours, start=1)
    ]


LAST = series(lightness=0.5, oklab_a=0.0, oklab_b=0.0, height_to_width=2.0)


class TestTheWish:
    def test_moves_the_last_colours_by_the_forecast_change(self):
        wish = make_wish(LAST, forecasts(lightness=0.4, oklab_b=0.05), palette("#808080", "#a0a0c0"), most=3)
        assert (wish.brand, wish.season, wish.height_to_width) == ("Nord", "SS27", 2.0)
        for colour, before in zip(wish.colours, ("#808080", "#a0a0c0"), strict=True):
            torch.testing.assert_close(colour - parse_colour(before), torch.tensor([-0.1, 0.0, 0.05]))

    def test_is_never_as_white_as_the_ground_or_darker_than_black(self):
        lighter = make_wish(LAST, forecasts(lightness=0.9), palette("#f0f0f0"), most=1)
        darker = make_wish(LAST, forecasts(lightness=0.0), palette("#101010"), most=1)
        assert (float(lighter.colours[0][0]), float(darker.colours[0][0])) == pytest.approx((0.96, 0.08))

    def test_there_is_none_without_a_forecast(self):
        assert make_wish(LAST, {}, palette("#808080"), most=3) is None
        assert make_wish(LAST, forecasts(chroma=0.1), palette("#808080"), most=3) is None


class TestTheVariant:
    @pytest.fixture
    def queries(self):
        values = {"label": None, "season": None, "min_score": 0, "min_side_px": 0, "draw": None, "seed": 7}
        sources = {"cropped": ("crops", None), "cutout": ("cutouts", None), "of_nord": ("cutouts", "Nord")}
        return {name: QueryParams(**values, source=source, brand=brand) for name, (source, brand) in sources.items()}

    def test_is_the_brands_own_or_else_that_of_all(self, queries):
        assert choose_variant(queries, "Nord") == "of_nord"
        assert choose_variant(queries, "Aurore") == choose_variant(queries, "") == "cutout"

    def test_may_be_none(self, queries):
        assert choose_variant({"cropped": queries["cropped"]}, "Nord") is None


@pytest.fixture(scope="module")
def wish():
    return Wish("Nord", "SS27", 2.4, [parse_colour("#7a2030"), parse_colour("#203a7a")])


@pytest.fixture(scope="module")
def proposed(generator, wish):
    return list(propose(generator, wish, PARAMS))


class TestProposals:
    def test_have_the_colours_and_nearly_the_length_that_were_asked_for(self, generator, proposed, wish):
        assert len(proposed) == 2
        for one, colour in zip(proposed, wish.colours, strict=True):
            image = torch.from_numpy(one.image).permute(2, 0, 1)[None] / 255
            drawn = mean_colours(to_oklab(image), soft_mask(image, is_on_white=True))[0]
            assert one.colour_distance == pytest.approx(
                float((drawn - colour).norm()), abs=0.01
            )  # the outline moves a little
            assert one.colour_distance < 0.08
            assert one.height_to_width == pytest.approx(wish.height_to_width, abs=0.7)

    def test_are_other_garments_for_other_colours_and_the_same_again(self, generator, proposed, wish):
        assert len({one.start for one in proposed}) == 2
        again = list(propose(generator, wish, PARAMS))
        assert [one.image.tobytes() for one in again] == [one.image.tobytes() for one in proposed]

    def test_are_none_where_the_network_draws_nothing(self, generator, wish):
        class Blank(torch.nn.Module):
            def forward(self, features):
                return torch.ones(len(features), 3, 64, 32)

        network = copy.deepcopy(generator.network)
        network.main[1] = Blank()
        assert list(propose(replace(generator, network=network, _lock=Lock()), wish, PARAMS)) == []
