"""What a team keeps on a remote: pushed to a real S3 server on this machine, pulled elsewhere, and what goes wrong."""

import hashlib
import json
import re
import shutil
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from urllib.request import Request, urlopen

import boto3
import pytest
import yaml

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(1800)]  # the first waits for the whole run

REGION = "us-east-1"
STORE = "team"  # the remote's folder in the bucket
ALLOW_ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
RUNS = "Running stage"
SOME = ("data/pinterest", "reports/dcgan/cropped")  # outputs of many files, and of few bytes


@dataclass(frozen=True)
class Bucket:
    """A bucket of an S3 server that lets nobody in without a key, and a key that it knows."""

    endpoint: str
    name: str
    key_id: str
    secret: str

    @property
    def environment(self):
        """The only place where the key stands."""
        return {
            "AWS_ACCESS_KEY_ID": self.key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_MAX_ATTEMPTS": "1",
        }

    def connect(self, service="s3"):
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=self.key_id,
            aws_secret_access_key=self.secret,
        )

    def list_objects(self):
        pages = self.connect().get_paginator("list_objects_v2").paginate(Bucket=self.name)
        return [one["Key"] for page in pages for one in page.get("Contents", [])]

    def add_to(self, clone):
        """Make it the default remote of a clone, as the README has it."""
        clone.run(f"dvc remote add --default team s3://{self.name}/{STORE}")
        clone.run(f"dvc remote modify team endpointurl {self.endpoint}")
        clone.run("dvc remote modify team verify true")


@contextmanager
def start_server(*command):
    """A server on a free port of this machine; gives its address, which it says itself."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        said = []
        try:
            for line in server.stdout:
                said.append(line)
                if port := re.search(r"127\.0\.0\.1(?::| port )(\d+)", line):
                    break
            else:
                pytest.fail("".join(said))
            threading.Thread(target=server.stdout.read, daemon=True).start()  # a full pipe would stop it
            yield f"http://127.0.0.1:{port[1]}"
        finally:
            server.kill()


@pytest.fixture(scope="module")
def bucket():
    with start_server(sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0") as endpoint:
        open_to_all = Bucket(endpoint, "fashiongen", "any", "any")
        open_to_all.connect().create_bucket(Bucket=open_to_all.name)
        users = open_to_all.connect("iam")
        users.create_user(UserName="stylist")
        users.put_user_policy(UserName="stylist", PolicyName="all", PolicyDocument=json.dumps(ALLOW_ALL))
        key = users.create_access_key(UserName="stylist")["AccessKey"]
        asks_from_now_on = Request(f"{endpoint}/moto-api/reset-auth", b"0", {"Content-Type": "text/plain"})
        urlopen(asks_from_now_on).close()
        yield replace(open_to_all, key_id=key["AccessKeyId"], secret=key["SecretAccessKey"])


def hash_files(top):
    """The SHA-256 of a file, or of every file in a folder, by its path within."""
    files = [path for path in (top, *top.rglob("*")) if path.is_file()]
    return {path.relative_to(top): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def hash_outputs(clone):
    """The SHA-256 of every file in every output that the locks name."""
    locks = [clone.read_yaml(name) for name in ("dvc.lock", "data/demo/dvc.lock")]
    outputs = [
        clone.folder / out["path"] for lock in locks for stage in lock["stages"].values() for out in stage["outs"]
    ]
    return {top.relative_to(clone.folder) / name: hash_ for top in outputs for name, hash_ in hash_files(top).items()}


@pytest.fixture(scope="module")
def pushed(copy_finished, bucket):
    """The finished clone after its push, run cache included; its Git has the remote's address and not the key."""
    clone = copy_finished()
    bucket.add_to(clone)
    clone.run("dvc push --run-cache", **bucket.environment)
    clone.commit("The team's remote")
    return clone


@pytest.fixture
def elsewhere(pushed, tmp_path):
    """A fresh clone of what Git has."""
    return pushed.clone(tmp_path / "elsewhere")


def test_everything_comes_back_byte_for_byte(pushed, elsewhere, bucket):
    shown = elsewhere.run("dvc pull", **bucket.environment)
    assert "fetched" in shown
    there = hash_outputs(elsewhere)
    assert len(there) > 200
    assert there == hash_outputs(pushed)
    assert "up to date" in elsewhere.run("dvc status")
    assert "in sync" in elsewhere.run("dvc status --cloud", **bucket.environment)
    assert elsewhere.run("git status --porcelain") == ""


def test_one_network_alone(elsewhere, bucket, call, monkeypatch):
    elsewhere.run("dvc pull models/dcgan/cropped", **bucket.environment)
    assert list(elsewhere.folder.glob("models/*/*")) == [elsewhere.folder / "models/dcgan/cropped"]
    assert not (elsewhere.folder / "data/pinterest").exists()
    monkeypatch.chdir(elsewhere.folder)
    status, shown, _ = call("generate", "cropped", "-n", "4", "--seed", "7", "--out", "drawn")
    assert (status, "4 images by cropped" in shown) == (0, True)


def test_a_run_that_somebody_pushed_is_not_trained_again(pushed, elsewhere, bucket):
    """Not the run of the lock in Git, which here is of other params: one that the remote's run cache remembers."""
    theirs = elsewhere.read_yaml("dvc.lock")
    before = elsewhere.read_yaml("dvc.lock")
    variant = before["stages"]["train_dcgan@cropped"]
    variant["params"]["params.yaml"]["dcgan.variants.cropped"]["epochs"] += 1
    for out in variant["outs"]:
        out["md5"] = f"{hashlib.md5(out['md5'].encode()).hexdigest()}.dir"  # no remote has it
    (elsewhere.folder / "dvc.lock").write_text(yaml.safe_dump(before, sort_keys=False))
    assert "train_dcgan@cropped" in elsewhere.run("dvc status train_dcgan@cropped")
    assert RUNS not in elsewhere.run("dvc repro --pull --allow-missing train_dcgan@cropped", **bucket.environment)
    assert elsewhere.read_yaml("dvc.lock") == theirs
    networks = "models/dcgan/cropped"
    assert hash_files(elsewhere.folder / networks) == hash_files(pushed.folder / networks)


@contextmanager
def changed(bucket, key, body):
    """An object with other content, or none, as long as the block lasts."""
    client = bucket.connect()
    before = client.get_object(Bucket=bucket.name, Key=key)["Body"].read()
    client.delete_object(Bucket=bucket.name, Key=key)
    if body is not None:
        client.put_object(Bucket=bucket.name, Key=key, Body=body)
    try:
        yield
    finally:
        client.put_object(Bucket=bucket.name, Key=key, Body=before)


def hash_of(clone, path):
    """The hash of an output in the lock."""
    outputs = {
        out["path"]: out["md5"] for stage in clone.read_yaml("dvc.lock")["stages"].values() for out in stage["outs"]
    }
    return outputs[path]


def find_object(clone, bucket, path):
    """The key of the object that holds an output."""
    hash_ = hash_of(clone, path)
    (key,) = (name for name in bucket.list_objects() if name.replace("/", "").endswith(hash_))
    return key


def test_an_object_that_is_not_what_was_pushed_is_named_and_not_taken(pushed, elsewhere, bucket):
    """One is corrupted, one is missing, and a third is as it was."""
    corrupted, missing, rest = "reports/index.html", "reports/report.md", "models/best_detector"
    with (
        changed(bucket, find_object(elsewhere, bucket, corrupted), b"not what was pushed"),
        changed(bucket, find_object(elsewhere, bucket, missing), None),
    ):
        shown = elsewhere.fail(f"dvc pull {corrupted} {missing} {rest}", **bucket.environment)
    for page in (corrupted, missing):
        assert page in shown, shown
        assert not (elsewhere.folder / page).exists()
    assert hash_files(elsewhere.folder / rest) == hash_files(pushed.folder / rest)
    elsewhere.run(f"dvc pull {corrupted} {missing}", **bucket.environment)  # once they are there again
    for page in (corrupted, missing):
        assert hash_files(elsewhere.folder / page) == hash_files(pushed.folder / page)


@pytest.mark.parametrize("command", ["dvc pull", "dvc push"])
def test_a_wrong_key_says_so_and_loses_nothing(pushed, elsewhere, bucket, command):
    clone = elsewhere if command == "dvc pull" else pushed
    before = hash_outputs(clone)
    shown = clone.fail(f"{command} {' '.join(SOME)}", **replace(bucket, secret="wrong").environment)
    assert re.search(r"signature|[Ff]orbidden|[Aa]ccess ?[Dd]enied|InvalidAccessKey", shown), shown
    assert hash_outputs(clone) == before
    assert clone.run("git status --porcelain") == ""


class Cable:
    """A way to a server of this machine that is cut after so many bytes went up."""

    def __init__(self, endpoint, cut_after):
        self._target = ("127.0.0.1", int(endpoint.rpartition(":")[2]))
        self._left = cut_after
        self._ends = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def is_cut(self):
        return self._left < 0

    def _accept(self):
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._target)
                self._ends += [near, far]
                threading.Thread(target=self._carry, args=(near, far, True), daemon=True).start()
                threading.Thread(target=self._carry, args=(far, near, False), daemon=True).start()

    def _carry(self, source, sink, is_up):
        with suppress(OSError), source, sink:
            while data := source.recv(1 << 16):
                if is_up:
                    self._left -= len(data)
                if self.is_cut:
                    self.cut()
                    break
                sink.sendall(data)

    def cut(self):
        self._listener.close()
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def test_a_server_that_dies_in_mid_push_loses_nothing_and_the_next_push_ends_it(pushed, bucket, tmp_path):
    outputs, some = hash_outputs(pushed), " ".join(SOME)
    fresh = replace(bucket, name="second")
    fresh.connect().create_bucket(Bucket=fresh.name)
    size = sum(path.stat().st_size for top in SOME for path in (pushed.folder / top).rglob("*") if path.is_file())
    cable = Cable(bucket.endpoint, cut_after=size // 2)
    command = (
        f"dvc remote modify --local team url s3://{fresh.name}/{STORE}; dvc remote modify --local team endpointurl"
    )
    pushed.run(f"{command} {cable.endpoint}")
    shown = pushed.fail(f"dvc push {some}", **fresh.environment)
    assert cable.is_cut
    assert "ERROR" in shown
    assert re.search(r"[Cc]onnect", shown), shown
    arrived = len(fresh.list_objects())
    assert arrived > 0
    assert hash_outputs(pushed) == outputs
    assert "up to date" in pushed.run("dvc status")
    pushed.run(f"{command} {bucket.endpoint}")
    pushed.run(f"dvc push {some}", **fresh.environment)
    assert len(fresh.list_objects()) > arrived
    clone = pushed.clone(tmp_path / "after")
    clone.run(f"{command} {bucket.endpoint}")
    clone.run(f"dvc pull {some}", **fresh.environment)
    for top in SOME:
        assert hash_files(clone.folder / top) == hash_files(pushed.folder / top)
    (pushed.folder / ".dvc/config.local").unlink()


@pytest.fixture(scope="module")
def site(pushed, tmp_path_factory):
    """A folder that DVC pushed to, and its address behind a web server."""
    served = tmp_path_factory.mktemp("served") / "store"
    pushed.run(f"dvc remote add folder {served} && dvc push --remote folder && git checkout .dvc/config")
    with start_server(
        sys.executable, "-u", "-m", "http.server", "--bind", "127.0.0.1", "--directory", served, "0"
    ) as address:
        yield served, address


@pytest.fixture
def visitor(elsewhere, site):
    """A fresh clone whose remote is the site."""
    elsewhere.run(f"dvc remote add --default site {site[1]} --force && dvc remote modify site verify true")
    elsewhere.commit("The site")
    return elsewhere


def test_a_read_only_site_serves_the_same(pushed, visitor):
    visitor.run("dvc pull models/dcgan/cropped")
    assert list(visitor.folder.glob("models/*/*")) == [visitor.folder / "models/dcgan/cropped"]
    shutil.rmtree(visitor.folder / "models")
    assert RUNS not in visitor.run("dvc repro --pull --allow-missing")
    assert visitor.run("git status --porcelain") == ""
    visitor.run(f"dvc pull {' '.join(SOME)}")
    for top in SOME:
        assert hash_files(visitor.folder / top) == hash_files(pushed.folder / top)
    visitor.run("echo new > note.txt && dvc add --quiet note.txt")
    assert re.search(r"501|[Uu]nsupported", visitor.fail("dvc push note.txt"))


def test_an_object_of_a_site_that_is_not_what_was_pushed_is_named_and_not_taken(pushed, visitor, site):
    """One is corrupted, one is missing."""
    pages, contents = ("reports/index.html", "reports/report.md"), (b"not what was pushed", None)
    kept = {page: site[0] / "files/md5" / found[:2] / found[2:] for page in pages if (found := hash_of(visitor, page))}
    for page, content in zip(pages, contents, strict=True):
        kept[page].unlink()  # it may be a link to the pusher's cache
        if content is not None:
            kept[page].write_bytes(content)
    shown = visitor.fail(f"dvc pull {' '.join(pages)}")
    for page in pages:
        assert page in shown, shown
        assert not (visitor.folder / page).exists()
        kept[page].unlink(missing_ok=True)
        shutil.copy(pushed.folder / page, kept[page])
    visitor.run(f"dvc pull {' '.join(pages)}")  # once they are there again
    for page in pages:
        assert (visitor.folder / page).read_bytes() == (pushed.folder / page).read_bytes()


def test_the_key_stands_in_no_file_of_the_clones(pushed, elsewhere, bucket):
    for clone in (pushed, elsewhere):
        assert clone.run(f"grep -rlF -e {bucket.secret} -e {bucket.key_id} . || true") == ""
