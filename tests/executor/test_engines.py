"""The engines give the same results in the same order, whatever their workers and whatever happens to these."""

import os
import signal
import subprocess
import sys
import time
from functools import partial
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from threadpoolctl import threadpool_info

from fashiongen.errors import BadInput, CorruptImage, MissingInput, WorkerLost
from fashiongen.executor.engine import open_executor
from fashiongen.executor.params import ExecutorParams
from fashiongen.images.hashing import describe_images
from fashiongen.images.pack import Frame, pack_images

NEEDS_RAY = pytest.mark.skipif(find_spec("ray") is None, reason="ray is not installed (the extra `ray`)")
ENGINES = [pytest.param("local"), pytest.param("ray", marks=[NEEDS_RAY, pytest.mark.slow])]
NODES = 3

# Ray itself leaves files open
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning:ray"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:ray"),
]


@pytest.fixture(scope="module")
def cluster():
    """The address of a Ray cluster of three nodes, each with processes of its own."""
    from ray import cloudpickle  # noqa: PLC0415  an optional extra
    from ray.cluster_utils import Cluster  # noqa: PLC0415

    cloudpickle.register_pickle_by_value(sys.modules[__name__])  # the functions here, which no worker can import
    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 2, "include_dashboard": False})
    for _ in range(NODES - 1):
        made.add_node(num_cpus=1)
    made.wait_for_nodes()
    yield made.address
    made.shutdown()


@pytest.fixture
def open_engine(request):
    """Opens an engine with a number of workers."""

    def open_with(engine, workers):
        address = request.getfixturevalue("cluster") if engine == "ray" else None
        return open_executor(ExecutorParams(engine=engine, address=address, workers=workers))

    return open_with


def square(number):
    if number == 77:
        raise BadInput("77: odd")
    return number * number


def square_or_die(folder, number):
    """Number 5 ends its process the first time, and 6 every time."""
    mark = folder / f"{number}"
    if number == 6 or (number == 5 and not mark.exists()):
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


def identify(number):
    time.sleep(0.05)
    return os.getpid()


@pytest.mark.parametrize("workers", [1, 2, 4])
@pytest.mark.parametrize("engine", ENGINES)
def test_results_come_in_order(open_engine, engine, workers):
    with open_engine(engine, workers) as map_items:
        assert list(map_items(square, range(50), per_block=7)) == [number**2 for number in range(50)]
        assert list(map_items(square, [])) == []


@pytest.mark.parametrize("engine", ENGINES)
def test_an_error_comes_after_the_results_before_it(open_engine, engine):
    with open_engine(engine, 2) as map_items:
        results = map_items(square, range(100), per_block=10)
        assert list(islice(results, 77)) == [number**2 for number in range(77)]
        with pytest.raises(BadInput, match=r"^77: odd$"):
            next(results)


@pytest.mark.parametrize("workers", [1, 2, 4])
@pytest.mark.parametrize("engine", ENGINES)
def test_a_killed_worker_changes_nothing(open_engine, engine, workers, tmp_path):
    with open_engine(engine, workers) as map_items:
        numbers = [0, 1, 2, 3, 4, 5, 7, 8, 9]
        results = list(map_items(partial(square_or_die, tmp_path), numbers, per_block=2))
    assert results == [number**2 for number in numbers]
    assert (tmp_path / "5").exists()


@pytest.mark.parametrize("engine", ENGINES)
def test_an_item_that_no_worker_survives_is_one_line(open_engine, engine, tmp_path):
    with open_engine(engine, 2) as map_items:
        results = map_items(partial(square_or_die, tmp_path), [0, 1, 2, 6, 7])
        assert list(islice(results, 3)) == [0, 1, 4]
        with pytest.raises(WorkerLost, match=r"^[^\n]*memory[^\n]*$"):
            next(results)


@pytest.mark.parametrize("engine", ENGINES)
def test_several_processes_share_the_work(open_engine, engine):
    with open_engine(engine, 3) as map_items:
        workers = set(map_items(identify, range(40)))
    assert len(workers - {os.getpid()}) >= 2


def count_threads(number):
    time.sleep(0.02)
    return max(pool["num_threads"] for pool in threadpool_info())


def test_local_workers_have_a_thread_each():
    """Several of NumPy's in each of several workers would take the cores from each other."""
    with open_executor(ExecutorParams(engine="local", address=None, workers=2)) as map_items:
        assert set(map_items(count_threads, range(10))) == {1}


@pytest.fixture
def photographs(tmp_path):
    """Forty images, two of which do not decode."""
    rng = np.random.default_rng(3)
    for number in range(40):
        picture = Image.fromarray(rng.integers(0, 256, (24, 16, 3), dtype=np.uint8)).resize((160, 240))
        picture.save(tmp_path / f"{number:02}.jpg", quality=80)
    for number in (7, 31):
        path = tmp_path / f"{number:02}.jpg"
        path.write_bytes(path.read_bytes()[:300])
    return sorted(tmp_path.iterdir())


@pytest.mark.parametrize("workers", [1, 2, 4])
@pytest.mark.parametrize("engine", ENGINES)
def test_images_are_described_and_packed_alike(open_engine, engine, workers, photographs):
    sound = [path for path in photographs if path.stem not in ("07", "31")]
    expected = list(map(str, describe_images(photographs, map_one_by_one)))
    packed = pack_images(sound, frame=Frame(32, 16), fit="cover", map_items=map_one_by_one)
    with open_engine(engine, workers) as map_items:
        found = list(describe_images(photographs, map_items))
        assert list(map(str, found)) == expected
        assert [isinstance(one, CorruptImage) for one in found] == [path not in sound for path in photographs]
        assert np.array_equal(pack_images(sound, frame=Frame(32, 16), fit="cover", map_items=map_items), packed)


def map_one_by_one(function, items, *, per_block=1):
    return map(function, items)


@NEEDS_RAY
def test_a_cluster_that_is_not_there_is_one_line():
    with (
        pytest.raises(
            MissingInput, match=r"^executor.address: no Ray cluster at 127.0.0.1:1 \([^\n]+\); start one[^\n]+$"
        ),
        open_executor(ExecutorParams(engine="ray", address="127.0.0.1:1", workers=None)),
    ):
        pass


def test_without_ray_the_extra_is_named():
    program = """
import sys
sys.modules["ray"] = None
from fashiongen.executor.engine import open_executor
from fashiongen.executor.params import ExecutorParams
with open_executor(ExecutorParams(engine="ray", address=None, workers=None)): pass
"""
    command = [sys.executable, "-c", program]
    root = Path(__file__).parents[2]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert "executor.engine: ray is not installed; `uv pip install ray`" in result.stderr


def test_an_address_of_no_cluster_is_refused():
    with pytest.raises(ValueError, match="address is that of a Ray cluster"):
        ExecutorParams(engine="local", address="10.0.0.1:6379", workers=None)
