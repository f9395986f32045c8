"""A real S3 store for tests: Ceph's gateway with one monitor and one disk, in a folder of its own.

The machine's packages ceph-mon, ceph-osd and radosgw are needed, and root. One copy of the data, no
authentication between the daemons: for tests only.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import obstore
import pytest
from obstore.store import S3Store

from fonoteka.objects import ObjectStore, S3Access
from tests.relay import Relay
from tests.service import HOST, free_port, wait_for

KEY, SECRET = "testkey", "testsecret"
PROGRAMS = ("ceph-mon", "ceph-osd", "radosgw", "monmaptool", "radosgw-admin")
START_S = 90.0
_CONFIGURATION = """
[global]
fsid = {fsid}
monmap = {folder}/monmap
mon initial members = a
public addr = {host}
ms bind msgr2 = false
ms bind port min = {first}
ms bind port max = {last}
auth cluster required = none
auth service required = none
auth client required = none
mon data = {folder}/mon
osd data = {folder}/osd
rgw data = {folder}/run
run dir = {folder}/run
log file = {folder}/log/$name.log
crash dir = {folder}/log
mon data avail crit = 1
mon data avail warn = 2
mon allow pool size one = true
mon max pg per osd = 1000
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
osd objectstore = bluestore
osd memory target = 939524096
bluestore block size = 8589934592
paxos propose interval = 0.05
paxos min wait = 0.01
[client.rgw]
rgw frontends = beast endpoint={host}:{rgw} tcp_nodelay=1
rgw dns name = localhost
rgw enable apis = s3, admin
rgw run sync thread = false
"""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket of its own, and how Fonoteka is told of it."""

    name: str
    access: S3Access

    @property
    def url(self) -> str:
        return f"s3://{self.name}/calls"

    @property
    def environment(self) -> dict[str, str]:
        """The settings of a service that keeps its audio here."""
        return {
            "FONOTEKA_OBJECTS_URL": self.url,
            "FONOTEKA_S3_ENDPOINT": self.access.endpoint,
            "FONOTEKA_S3_ACCESS_KEY_ID": self.access.access_key_id,
            "FONOTEKA_S3_SECRET_ACCESS_KEY": self.access.secret_access_key,
            "FONOTEKA_S3_ALLOW_HTTP": "true",
            "FONOTEKA_OBJECTS_TIMEOUT_S": str(self.access.timeout_s),
        }

    def open(self) -> ObjectStore:
        return ObjectStore.open(self.url, self.access)

    def through(self, relay: Relay, timeout_s: float = 2.0) -> Bucket:
        """The same bucket by way of a relay, for an impatient one."""
        endpoint = f"http://{HOST}:{relay.port}"
        return replace(self, access=replace(self.access, endpoint=endpoint, timeout_s=timeout_s))


class Ceph:
    """One monitor, one OSD on a sparse file, one gateway; ended by `stop`."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="fonoteka-ceph-"))
        self._daemons: list[subprocess.Popen[bytes]] = []
        self._disk: subprocess.Popen[bytes] | None = None
        for name in ("mon", "osd", "log", "run"):
            (self._folder / name).mkdir()
        self.port = free_port(socket.SOCK_STREAM)
        mon, fsid = free_port(socket.SOCK_STREAM), str(uuid.uuid4())
        first = free_port(socket.SOCK_STREAM)
        places = {"host": HOST, "folder": self._folder, "fsid": fsid, "mon": mon, "rgw": self.port}
        self._conf = self._folder / "ceph.conf"
        self._conf.write_text(_CONFIGURATION.format(**places, first=first, last=first + 99))
        try:
            self._up(mon, fsid)
        except BaseException:
            self.stop()
            raise

    def _up(self, mon: int, fsid: str) -> None:
        address = f"[v1:{HOST}:{mon}]"
        # For all: one that is told the address alone may ask before it knows whom (a wrong fsid).
        map_file = str(self._folder / "monmap")
        self._run("monmaptool", "--create", "--clobber", "--addv", "a", address, "--fsid", fsid, map_file)
        self._run("ceph-mon", "--mkfs", "-i", "a", "--monmap", map_file)
        self._start("ceph-mon", "-i", "a", "-f")
        self._run("ceph", "-s")
        self._run("ceph", "osd", "new", str(uuid.uuid4()))
        self._run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", self._first_osd())
        wait_for(self._disk_is_up, START_S, 0.3)
        self._start("radosgw", "-n", "client.rgw", "-f")
        wait_for(self._answers, START_S, 0.2)
        user = ("--uid=test", "--display-name=test", f"--access-key={KEY}", f"--secret-key={SECRET}")
        self._run("radosgw-admin", "user", "create", *user)

    def make_bucket(self, name: str) -> Bucket:
        """A new bucket."""
        access = S3Access(f"http://{HOST}:{self.port}", "", KEY, SECRET, allow_http=True)
        store = S3Store(
            name,
            endpoint=access.endpoint,
            access_key_id=KEY,
            secret_access_key=SECRET,
            client_options={"allow_http": True},
        )
        url = obstore.sign(store, "PUT", "", timedelta(minutes=5))
        with urllib.request.urlopen(urllib.request.Request(url, method="PUT"), timeout=30):
            return Bucket(name, access)

    def stop(self) -> None:
        """End the daemons and remove what they wrote."""
        for daemon in reversed(self._daemons):
            daemon.kill()
            daemon.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://{HOST}:{self.port}/", timeout=5):
            return True
        return False

    def _disk_is_up(self) -> bool:
        """Whether the one disk is up. It ends when it asks before it knows the fsid, and is started again."""
        if self._disk is None or self._disk.poll() is not None:
            self._disk = self._start("ceph-osd", "-i", "0", "-f")
        return b"1 up" in self._run("ceph", "osd", "stat", may_fail=True)

    def _first_osd(self) -> str:
        dump = self._run("ceph", "osd", "dump").decode()
        return next(line.split()[-1] for line in dump.splitlines() if line.startswith("osd.0 "))

    def _run(self, *command: str, may_fail: bool = False) -> bytes:
        done = subprocess.run(
            command, env=self._environment, capture_output=True, timeout=START_S, check=False
        )
        assert may_fail or done.returncode == 0, f"{command}: {done.stderr.decode(errors='replace')[-2000:]}"
        return done.stdout

    def _start(self, *command: str) -> subprocess.Popen[bytes]:
        with (self._folder / "log" / "out").open("ab") as log:
            daemon = subprocess.Popen(command, env=self._environment, stdout=log, stderr=log)
        self._daemons.append(daemon)
        return daemon

    @property
    def _environment(self) -> dict[str, str]:
        return {**os.environ, "CEPH_CONF": str(self._conf)}


@pytest.fixture(scope="session")
def ceph() -> Iterator[Ceph]:
    """The store, once for all tests of a process."""
    missing = [one for one in PROGRAMS if shutil.which(one) is None]
    if missing or os.geteuid() != 0:
        pytest.skip(f"a real S3 store needs root and the packages ceph-mon ceph-osd radosgw; {missing}")
    made = Ceph()
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture
def bucket(ceph: Ceph) -> Bucket:
    """An empty bucket that is this test's own."""
    return ceph.make_bucket(f"t-{uuid.uuid4()}")
