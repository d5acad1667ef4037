"""Commands whose Python has its libraries already: each is a fork of a fresh process that imported them.

    python warm.py serve FOLDER           write the commands bin/python, bin/dvc, bin/fashiongen and bin/torchrun once
                                          they work, and run them until stdin ends
    python -IS warm.py run FOLDER WORDS   what those commands call

The process of a command has the working folder, the environment, the streams and the exit status of a fresh one, and
starts seconds sooner: nothing of this project is imported before the fork. If the caller is killed, so is its command.
"""

import atexit
import contextlib
import gc
import importlib
import json
import os
import random
import runpy
import select
import signal
import socket
import sys
import threading
import traceback
from pathlib import Path

LIBRARIES = (
    *("beartype", "dulwich.porcelain", "dvc.cli.parser", "dvc.dependency", "dvc.output", "dvc.repo.experiments.queue"),
    *("dvc.repo.metrics.diff", "dvc.repo.plots", "dvc.repo.reproduce", "dvc.repo.status", "dvclive"),
    *("filelock", "fontTools.subset", "grimp", "httpcore", "httpx", "imagehash", "jaxtyping"),
    *("jinja2", "lightning_fabric", "matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg"),
    *("matplotlib.pyplot", "networkx", "numba.typed", "PIL.WebPImagePlugin", "pycocotools.coco", "pydantic", "pygit2"),
    *("safetensors.torch", "scipy.fftpack", "scipy.stats", "scmrepo.git", "selenium.webdriver.chrome.webdriver"),
    *("statsmodels.stats.multitest", "statsmodels.tsa.exponential_smoothing.ets"),
    *("slugify", "stamina", "starlette.applications", "torch_fidelity", "torchvision.transforms.v2", "trio", "typer"),
    *("uvicorn",),
)
OURS = ("fashiongen", "stages")
READ_AT_IMPORT = ("CUDA_", "MKL_", "MPL", "NUMBA_", "OMP_", "OPENBLAS_", "PYTHON", "TORCH_")  # variables' first letters
READ_LATER = ("PYTHONPATH", "TORCH_NCCL_ASYNC_ERROR_HANDLING")  # torchrun sets the second one for what it starts
RARELY = (50_000, 20, 20)  # the garbage collector's thresholds: the commands are short
COMMAND = '#!/bin/sh\nexec {python} -IS {warm} run {folder} {program} "$@"\n'
STAGE = """#!/bin/sh
case "$1 $2" in
    "-m stages."* | "-m dvc" | "-c "*) exec {python} -IS {warm} run {folder} "$@" ;;
    "-u -m" | "-u "*.py) shift; exec {python} -IS {warm} run {folder} "$@" ;;
    *) exec {python} "$@" ;;
esac
"""


def find_fixed():
    """The variables that a command must share with the process that imported the libraries."""
    return {name: os.environ[name] for name in os.environ if name.startswith(READ_AT_IMPORT) and name not in READ_LATER}


def write_commands(folder):
    """Write the shell scripts that stand for those of the environment."""
    places = {"python": sys.executable, "warm": Path(__file__).resolve(), "folder": folder}
    scripts = {"python": STAGE.format(**places)}
    for name in ("dvc", "fashiongen", "torchrun"):
        scripts[name] = COMMAND.format(**places, program=Path(sys.executable).with_name(name))
    unfinished = folder / "unfinished"
    unfinished.mkdir()
    for name, script in scripts.items():
        (unfinished / name).write_text(script)
        (unfinished / name).chmod(0o700)
    unfinished.rename(folder / "bin")


def serve(folder):
    """Fork for each call; the fork returns the call, with the streams of its caller."""
    (folder / "fixed.json").write_text(json.dumps(find_fixed()))  # before a library adds some
    for name in LIBRARIES:
        importlib.import_module(name)
    assert not [name for name in sys.modules if name.split(".")[0] in OURS]
    gc.freeze()  # so that the forks share the memory of it all
    gc.set_threshold(*RARELY)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(folder / "socket"))
    listener.listen(64)
    write_commands(folder)
    sys.executable = str(folder / "bin/python")  # what the commands themselves start, starts at once too
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the forks
    while sys.stdin not in select.select([sys.stdin, listener], [], [])[0]:
        caller, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            return answer(caller)
        caller.close()
    raise SystemExit


def answer(caller):
    """Fork once more; the fork returns the call, and this process tells the caller how it ended."""
    _, streams, _, _ = socket.recv_fds(caller, 1, 3)
    call = json.loads(caller.makefile().readline())
    child = os.fork()
    if child == 0:
        os.setsid()
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        caller.close()
        return call
    for stream in streams:
        os.close(stream)
    ended = os.pidfd_open(child)
    if ended not in select.select([ended, caller], [], [])[0]:  # the caller is dead
        os.killpg(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    with contextlib.suppress(BrokenPipeError):  # the caller is dead
        caller.sendall(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def run(words, folder, environment):
    """Run a module after -m, code after -c, or a file, as Python would; end without the time to free all memory."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    random.seed()
    paths = environment["PYTHONPATH"].split(os.pathsep)
    status = 0
    try:
        if words[0] == "-m":
            sys.argv[:], sys.path[:1] = words[1:], [folder, *paths]
            runpy.run_module(words[1], run_name="__main__", alter_sys=True)
        elif words[0] == "-c":
            sys.argv[:], sys.path[:1] = ["-c", *words[2:]], ["", *paths]
            exec(compile(words[1], "<string>", "exec"), {"__name__": "__main__"})
        else:
            sys.argv[:], sys.path[:1] = words, [str(Path(words[0]).parent), *paths]
            runpy.run_path(words[0], run_name="__main__")
    except SystemExit as end:
        status = end.code or 0
    except BaseException:
        traceback.print_exc()
        status = 1
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def call(folder, words):
    """Have a command run; return its exit status. Where a variable is another one, it gets a Python of its own."""
    if find_fixed() != json.loads((folder / "fixed.json").read_text()):
        os.execv(sys.executable, [sys.executable, *words])
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(str(folder / "socket"))
        socket.send_fds(server, [b"."], [0, 1, 2])
        server.sendall(json.dumps([words, str(Path.cwd()), dict(os.environ)]).encode() + b"\n")
        status = int(server.recv(8))
    return status if status >= 0 else 128 - status  # as a shell says that a signal ended it


if __name__ == "__main__":
    if sys.argv[1] == "run":
        sys.exit(call(Path(sys.argv[2]), sys.argv[3:]))
    run(*serve(Path(sys.argv[2])))
