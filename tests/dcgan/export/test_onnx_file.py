"""The ONNX file draws what PyTorch draws, in batches of any size, and tells nothing about this machine."""

import importlib.util
from pathlib import Path

import onnx
import onnxruntime
import pytest
import torch

from fashiongen.dcgan.export import onnx_file
from fashiongen.dcgan.export.onnx_file import INPUT, OUTPUT, write_onnx
from fashiongen.dcgan.networks.families import FAMILIES, AnyGenerator
from fashiongen.dcgan.networks.sampling import sample_latents
from fashiongen.errors import MissingInput


@pytest.fixture(scope="module", params=["dcgan", "modern"])
def network(request, small_shape, modern_shape) -> AnyGenerator:
    torch.manual_seed(0)
    if request.param == "modern":
        network = FAMILIES["modern"].generator(modern_shape)
        FAMILIES["modern"].initialise_weights(network, torch.Generator().manual_seed(0))
        for values in network.parameters():
            values.data += 0.02 * torch.randn_like(values)  # so that no block is the identity
    else:
        network = FAMILIES["dcgan"].generator(small_shape.model_copy(update={"height_px": 64, "width_px": 32}))
        network(torch.randn(8, 5, 1, 1))
    return network.to(memory_format=torch.channels_last).eval()


@pytest.fixture(scope="module")
def path(network, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("onnx") / "new" / "generator.onnx"
    write_onnx(path, network)
    return path


@pytest.mark.slow
@pytest.mark.parametrize("n", [1, 2, 33])
def test_onnxruntime_draws_what_pytorch_draws(network, path, n):
    latents = sample_latents(n, latent_dim=5, seed=n)
    drawn = onnxruntime.InferenceSession(path).run([OUTPUT], {INPUT: latents.numpy()})[0]
    with torch.inference_mode():
        torch.testing.assert_close(torch.from_numpy(drawn), network(latents), atol=1e-5, rtol=1e-5)


def test_the_file_is_whole_valid_and_open_in_its_batch(path):
    assert [other.name for other in path.parent.iterdir()] == [path.name]
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    shapes = [
        [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim]
        for value in (*model.graph.input, *model.graph.output)
    ]
    assert shapes == [["batch", 5, 1, 1], ["batch", 3, 64, 32]]


def test_the_file_does_not_say_where_it_was_made(path):
    assert str(Path(onnx_file.__file__).parents[2]).encode() not in path.read_bytes()
    assert str(Path(torch.__file__).parent).encode() not in path.read_bytes()


def test_the_generator_stays_as_it_was(network, path):
    assert not network.training
    assert all(parameter.requires_grad for parameter in network.parameters())


def test_without_the_exporters_packages_it_says_how_to_get_them(network, tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "onnxscript" else object())
    with pytest.raises(MissingInput, match=r"^onnxscript: not installed; `uv pip install onnx onnxscript`"):
        write_onnx(tmp_path / "a.onnx", network)
