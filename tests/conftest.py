"""What the tests of several packages share."""

import gc
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

if TYPE_CHECKING:
    from torch import nn

    from fashiongen.dcgan.params import NetworkParams
    from fashiongen.detector.params import InferParams, ModelParams
    from fashiongen.images.select import QueryParams, Source

# ruff: noqa: PLC0415  the process that hands out the tests need not wait for PyTorch, and the workers for it
ROOT = Path(__file__).parent.parent

# Hypothesis tries the same examples in every run, and no verdict depends on the machine's speed.
# `pytest --hypothesis-seed=N` tries the examples of a seed instead.
TIMELESS = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow], "database": None, "print_blob": True}
settings.register_profile("fixed", derandomize=True, **TIMELESS)
settings.register_profile("seeded", derandomize=False, **TIMELESS)

# What the tests and the commands under test see, whatever terminal, language, time zone and accounts a developer has.
ENVIRONMENT = {
    "COLUMNS": "200",
    "LINES": "50",
    "TERM": "dumb",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "NO_PROXY": "127.0.0.1,localhost",
    "no_proxy": "127.0.0.1,localhost",
    "GIT_CONFIG_COUNT": "3",
    "GIT_CONFIG_KEY_0": "commit.gpgSign",
    "GIT_CONFIG_VALUE_0": "false",
    "GIT_CONFIG_KEY_1": "core.hooksPath",
    "GIT_CONFIG_VALUE_1": os.devnull,
    "GIT_CONFIG_KEY_2": "core.autocrlf",
    "GIT_CONFIG_VALUE_2": "false",
}
FOREIGN_PREFIXES = ("AWS_", "CLICOLOR", "DVC_", "FASHIONGEN_", "GIT_", "LC_", "TYPER_", "_TYPER")
FOREIGN_NAMES = {"FORCE_COLOR", "NO_COLOR", "LANGUAGE", "PYTHONOPTIMIZE", "PYTHONWARNINGS", "TERMINAL_WIDTH"}
FOREIGN_NAMES |= {"PYTHONDONTWRITEBYTECODE"}  # every command under test would compile the library again
GIVEN_TO_TESTS = {"FASHIONGEN_CCP"}  # a copy of the photographs, for the tests that need it


def pytest_configure(config: pytest.Config) -> None:
    """Hear Ctrl-C, and let the commands under test hear it, even where a shell began the tests with `&`.

    Torch has one thread: test processes share the cores, and trainings that are compared to the bit need as many. What
    is imported and collected stays until the end, so the garbage collector need not look at it again and again.
    """
    gc.disable()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(config, "workerinput") or not config.getoption("numprocesses"):
        import torch

        torch.set_num_threads(1)
    if hasattr(config, "workerinput") and config.args == config.getini("testpaths"):
        config.args = rotate(config.workerinput["workerid"], config.workerinput["workercount"])
    settings.load_profile("fixed" if config.getoption("--hypothesis-seed") is None else "seeded")


def rotate(worker: str, workers: int) -> list[str]:
    """The tests' folders and files, from another place on for each worker: each compiles some for the others."""
    paths = sorted(path for path in (ROOT / "tests").iterdir() if path.is_dir() or path.name.startswith("test_"))
    first = len(paths) * int(worker.removeprefix("gw")) // workers
    return [str(path) for path in (*paths[first:], *paths[:first]) if path.name != "__pycache__"]


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """The global generators of random numbers start anew: a test does not depend on those that ran before it."""
    import numpy as np
    import torch

    random.seed(0)
    np.random.seed(0)
    torch.manual_seed(0)


def find_foreign() -> list[str]:
    """The variables of this environment that would change what a command does or prints."""
    names = set(os.environ) - GIVEN_TO_TESTS
    return [name for name in names if name in FOREIGN_NAMES or name.startswith(FOREIGN_PREFIXES)]


@pytest.fixture(scope="session", autouse=True)
def fixed_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The variables of `ENVIRONMENT`, without foreign ones."""
    with pytest.MonkeyPatch.context() as patch:
        for name in find_foreign():
            patch.delenv(name)
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            empty = tmp_path_factory.mktemp("aws") / name
            empty.touch()
            patch.setenv(name, str(empty))
        time.tzset()
        yield


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give the workers the slow files first, so that all end at about the same time.

    Those that look at one finished run of the pipeline come after the other slow ones, but for the first of them: in it
    one worker runs the pipeline, and no other has to wait for that.
    """
    if not hasattr(config, "workerinput"):
        return
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    sharing = list(dict.fromkeys(item.path for item in items if "finished" in getattr(item, "fixturenames", ())))

    def rank(item: pytest.Item) -> int:
        if item.path in sharing:
            return 0 if item.path == sharing[0] else 2
        return 1 if item.path in slow else 3

    items.sort(key=lambda item: (rank(item), item.path))


class Scheduling(LoadFileScheduling):
    """One worker runs a file, or several files whose fixtures take long to make."""

    TOGETHER = ("tests/sources/demo/", "tests/report/test_page")

    def _split_scope(self, nodeid: str) -> str:
        return next((start for start in self.TOGETHER if nodeid.startswith(start)), super()._split_scope(nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Scheduling | None:
    return Scheduling(config, log) if config.getoption("dist") == "loadfile" else None


WARM_STAGES = ["stages.train_dcgan", "stages.train_detector", "stages.scrape"]  # imported before the fork


@pytest.fixture
def warm_processes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The processes of a training on several devices are forks of a fresh one that has imported what they need.

    They get their arguments pickled, as in a run, and start five seconds sooner. Coverage measures no such fork, and
    CUDA bears none.
    """
    import torch
    from lightning_fabric.strategies import STRATEGY_REGISTRY

    if not (request.config.getoption("--cov", None) or torch.cuda.is_initialized()):
        multiprocessing.set_forkserver_preload(WARM_STAGES)
        monkeypatch.setitem(STRATEGY_REGISTRY["ddp_spawn"]["init_params"], "start_method", "forkserver")


# Runs in a fork: the module as `python -m` would, in its own folder and process group, with its output in a file.
STAGE_PROGRAM = """
import multiprocessing, os, runpy, sys, tempfile, warnings
import torch
os.setpgid(0, 0)
ready.send(None)
output = os.open(log, os.O_WRONLY)
os.dup2(output, 1)
os.dup2(output, 2)
os.chdir(folder)
os.environ.update(environment)
tempfile.tempdir = None
multiprocessing.set_start_method(None, force=True)  # else its children come from another such server
torch.set_num_threads(1)
warnings.simplefilter("ignore")  # of a module that was imported before it is run
sys.argv = [module, *arguments]
runpy.run_module(module, run_name="__main__", alter_sys=True)
"""


class WarmStage:
    """A stage in a process like `subprocess.Popen`'s, in its own process group, that began with the imports done."""

    def __init__(self, module: str, *arguments: str, folder: Path, environment: dict[str, str] | None = None) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(WARM_STAGES)
        self._log = Path(tempfile.mkstemp(dir=folder, prefix="output_")[1])
        ready, of_child = context.Pipe(duplex=False)
        names = {"module": module, "arguments": arguments, "folder": str(folder), "environment": environment or {}}
        names |= {"log": str(self._log), "ready": of_child}
        self._process = context.Process(target=exec, args=(STAGE_PROGRAM, names))
        self._process.start()
        of_child.close()
        ready.recv()
        self.pid = self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    poll = returncode.fget

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self._process.kill()

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout)
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[bytes, None]:
        """What it wrote to stdout and stderr."""
        self.wait(timeout)
        return self._log.read_bytes(), None


@pytest.fixture(scope="session")
def start_warm() -> Callable[..., WarmStage]:
    """Starts a stage in a process of its own, five seconds sooner than `python -m` would."""
    return WarmStage


WARM = pytest.StashKey[Path]()  # the folder of warm commands that all workers share


@contextmanager
def serve_warm_commands() -> Iterator[Path]:
    """Run warm.py; its folder, which at first is empty."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(Path(__file__).with_name("warm.py")), "serve", folder]
        foreign = find_foreign()
        environment = {name: value for name, value in os.environ.items() if name not in foreign}
        environment |= ENVIRONMENT | {"PYTHONUNBUFFERED": "1"}
        with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE):
            yield Path(folder)


def has_warm_commands(config: pytest.Config) -> bool:
    """Coverage does not see into a fork."""
    return not config.getoption("--cov", None) and hasattr(os, "pidfd_open")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: WorkerController) -> None:
    """The workers share one process of warm commands, which imports while they collect."""
    if has_warm_commands(node.config):
        if WARM not in node.config.stash:
            serving = serve_warm_commands()
            node.config.stash[WARM] = serving.__enter__()
            node.config.add_cleanup(partial(serving.__exit__, None, None, None))
        node.workerinput["warm_commands"] = str(node.config.stash[WARM])


@pytest.fixture(scope="session")
def warm_commands(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A folder whose bin/ has the commands of warm.py; the environment's own where these do not work."""
    shared = getattr(request.config, "workerinput", {}).get("warm_commands")
    if not has_warm_commands(request.config):
        yield Path(sys.prefix)
        return
    with nullcontext(Path(shared)) if shared else serve_warm_commands() as folder:
        deadline = time.monotonic() + 120
        while not (folder / "bin").exists():
            assert time.monotonic() < deadline, "the process of warm commands did not start; see what it printed above"
            time.sleep(0.05)
        yield folder


@pytest.fixture
def warm_python(warm_commands: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scripts that the test starts with `sys.executable` have their libraries already."""
    monkeypatch.setattr(sys, "executable", str(warm_commands / "bin/python"))
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


@pytest.fixture(scope="session")
def small_shape() -> "NetworkParams":
    """The study's networks, as narrow as they go."""
    from fashiongen.dcgan.params import NetworkParams

    return NetworkParams(
        family="dcgan",
        height_px=32,
        width_px=32,
        latent_dim=5,
        ngf=2,
        ndf=2,
        kernel_px=4,
        layers_per_side=1,
        dropout_g=0,
        norm_d="batch",
    )


@pytest.fixture(scope="session")
def query_all() -> "Callable[[Source], QueryParams]":
    """Makes a query for all rows of a source."""
    from fashiongen.images.select import QueryParams

    nothing = {"label": None, "brand": None, "season": None, "min_score": 0, "min_side_px": 0, "draw": None}
    return lambda source: QueryParams(source=source, seed=0, **nothing)


@pytest.fixture(scope="session")
def modern_shape(small_shape) -> "NetworkParams":
    """Portrait networks of the modern family."""
    changes = {
        "family": "modern",
        "height_px": 64,
        "width_px": 32,
        "ngf": 4,
        "ndf": 4,
        "kernel_px": 3,
        "norm_d": "none",
    }
    return small_shape.model_copy(update=changes)


@pytest.fixture(scope="session")
def activate_residual_branches() -> Callable[["nn.Module"], None]:
    """Lets the residual branches of random networks contribute, as after a training; at its start their weight is 0."""
    from torch.nn import init
    from torchvision.models.resnet import BasicBlock

    def change(network: "nn.Module") -> None:
        for module in network.modules():
            if isinstance(module, BasicBlock):
                init.ones_(module.bn2.weight)

    return change


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    """Runs `fashiongen WORDS` in a copy of the files that it reads; gives status, stdout and stderr."""
    from fashiongen.boards.credentials import EMAIL_VARIABLE, PASSWORD_VARIABLE
    from fashiongen.cli import main as cli
    from fashiongen.sources.street.ccp import ENVIRONMENT_NAME

    for name in ("params.yaml", "profiles", "data/demo/dvc.yaml", "data/street/dvc.yaml", "data/thesis/dvc.yaml"):
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, target)
    monkeypatch.chdir(tmp_path)
    for variable in (ENVIRONMENT_NAME, EMAIL_VARIABLE, PASSWORD_VARIABLE):
        monkeypatch.delenv(variable, raising=False)

    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["fashiongen", *words])
        with pytest.raises(SystemExit) as exit_:
            cli.main()
        return exit_.value.code or 0, *capsys.readouterr()

    return call


@pytest.fixture(scope="session")
def small_detector() -> "ModelParams":
    """A detector for pictures of 64 x 96 px, narrow, from random weights."""
    from fashiongen.detector.params import ModelParams

    return ModelParams(
        weights="none",
        weights_sha256=None,
        norm="batch",
        trainable_layers=5,
        stride_in_1x1=False,
        backbone_width_divisor=4 if find_spec("detectron2") is None else 1,  # it builds only bodies of full width
        fpn_layers=[3, 4],
        fpn_channels=32,
        box_head_dim=64,
        roi_sampling_ratio=2,
        roi_canonical_px=224,
        anchor_sizes_px=[32, 48, 64],
        anchor_ratios=[0.7, 1.5, 2.0],
        anchor_offset_frac=0.5,
        short_side_px=64,
        long_side_px=96,
        channels_last=False,
        size_divisor_px=32,
    )


@pytest.fixture(scope="session")
def small_infer() -> "InferParams":
    """How such a detector is used: on one view, with few boxes."""
    from fashiongen.detector.params import InferParams

    return InferParams(
        batch_size=5,
        workers=0,
        scales=(1.0,),
        mirrored=False,
        proposals=20,
        min_score=0.05,
        nms_iou=0.5,
        detections_per_image=5,
    )


@pytest.fixture
def link_ccp(tmp_path) -> Callable[[int], Path]:
    """Links to so many mapped and so many tagged photographs of the real data set, as a copy of it."""
    given = Path(os.environ.get("FASHIONGEN_CCP") or Path(__file__).parent.parent / "data/street/ccp").resolve()
    if not given.is_dir():
        pytest.skip("no copy of Clothing Co-Parsing: FASHIONGEN_CCP names none, and data/street/ccp is not there")

    def link(count: int) -> Path:
        part = tmp_path / "ccp_part"
        for level in ("pixel-level", "image-level"):
            for annotation in sorted((given / "annotations" / level).glob("*.mat"))[:count]:
                for name in (f"annotations/{level}/{annotation.name}", f"photos/{annotation.stem}.jpg"):
                    (part / name).parent.mkdir(parents=True, exist_ok=True)
                    (part / name).symlink_to(given / name)
        (part / "label_list.mat").symlink_to(given / "label_list.mat")
        return part

    return link


@pytest.fixture
def run_with_mounts(tmp_path) -> Callable[[str, str], subprocess.CompletedProcess[str]]:
    """Runs a Python program in `tmp_path` after shell commands that mount file systems, which end with the program."""
    namespace = ["unshare", "--user", "--map-root-user", "--mount"]
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed")
    mount = [*namespace, "mount", "-t", "tmpfs", "none", str(tmp_path)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this machine permits no mount namespace")

    def run(mounts: str, program: str) -> subprocess.CompletedProcess[str]:
        script = f'set -e\n{mounts}\nexec "{sys.executable}" -c "$0"'
        return subprocess.run(
            [*namespace, "sh", "-c", script, program],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture(autouse=True)
def determinism_restored():
    """A training asks torch for deterministic kernels, for the whole process: the next test finds it as it was."""
    import torch

    before = torch.get_deterministic_debug_mode()
    yield
    torch.set_deterministic_debug_mode(before)
