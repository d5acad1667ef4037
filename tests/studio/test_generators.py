"""One garment is the same bytes in whatever company; the variants are found and named."""

import pytest
import torch

from fashiongen.dcgan.networks.sampling import sample
from fashiongen.dcgan.networks.weights import load_generator
from fashiongen.errors import MissingInput
from fashiongen.studio.generators import Generators


def test_an_image_does_not_depend_on_what_is_drawn_with_it(models):
    generator = Generators(models)["cutout"]
    latents = generator.sample(0, 40, seed=5, truncation=1.0)
    together = generator.draw(latents)
    assert together.float().std() > 10
    alone = torch.cat([generator.draw(latent[None]) for latent in latents])
    turned = generator.draw(latents.flip(0)).flip(0)
    assert torch.equal(together, alone)
    assert torch.equal(together, turned)


def test_the_walls_of_a_seed_are_what_generate_draws(models):
    generator = Generators(models)["cutout"]
    drawn = generator.draw(generator.sample(5, 12, seed=9, truncation=1.0))
    assert torch.equal(drawn, sample(load_generator(models / "cutout"), 17, seed=9)[5:])


def test_daring_scales_latents(models):
    generator = Generators(models)["cutout"]
    whole, half = (generator.sample(3, 4, seed=1, truncation=truncation) for truncation in (1.0, 0.5))
    assert torch.equal(whole * 0.5, half)


def test_variants_stand_in_the_order_asked_for(models):
    assert list(Generators(models).cards) == ["cropped", "cutout"]
    assert list(Generators(models, first=["cutout", "absent"]).cards) == ["cutout", "cropped"]


@pytest.mark.parametrize("name", ["absent", "", "../cutout", "cutout/"])
def test_an_unknown_variant_is_refused_with_the_known_ones(models, name):
    with pytest.raises(MissingInput, match=r"there are cropped, cutout"):
        Generators(models)[name]


def test_no_trained_variant_says_how_to_get_one(tmp_path):
    with pytest.raises(MissingInput, match="make repro"):
        Generators(tmp_path)
