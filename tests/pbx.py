"""A real Asterisk 22 for tests, installed once into a folder of its own.

The folder is named by FONOTEKA_ASTERISK_ROOT, else it lies under the system's temporary folder. Asterisk
runs inside it by chroot, with a configuration made for one test run, and ends by its process id.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.service import HOST, free_port, wait_for

OUTSIDE = "127.0.0.2"
"""Where the provider's trunk speaks from; a loopback address of its own, so that the PBX knows it by that."""
SUITE = "sid"
MODULES_NOT_LOADED = """
app_festival app_minivm app_voicemail app_voicemail_imap app_voicemail_odbc cdr_adaptive_odbc cdr_odbc
cdr_pgsql cdr_radius cdr_tds cel_odbc cel_pgsql cel_radius cel_tds chan_dahdi chan_iax2 chan_mgcp chan_motif
chan_ooh323 chan_unistim pbx_ael pbx_dundi pbx_lua res_calendar res_config_ldap res_config_odbc
res_config_pgsql res_corosync res_fax res_hep res_odbc res_phoneprov res_snmp res_xmpp
"""
PBX = {
    "http.conf": "[general]\nenabled = no\n",
    "ari.conf": "[general]\nenabled = yes\n",
    "modules.conf": "[modules]\nautoload = yes\n"
    + "".join(f"noload = {one}.so\n" for one in MODULES_NOT_LOADED.split()),
    "logger.conf": "[general]\n[logfiles]\nmessages = notice,warning,error,verbose\n",
    # As docs/operate/import.md says, with times in UTC.
    "cdr.conf": "[general]\nenable = yes\n[csv]\nloguniqueid = yes\nnewcdrcolumns = yes\nusegmtime = yes\n",
    "rtp.conf": "[general]\nrtpstart = 30000\nrtpend = 31999\nstrictrtp = no\n",
    "queues.conf": "[general]\n[sales]\nstrategy = ringall\ntimeout = 20\nmember => Local/102@agents\n",
    "features.conf": "[general]\n",
    "extensions.conf": """
[agents]
exten => _1XX,1,Dial(PJSIP/${EXTEN},30)

[phones]
exten => 104,1,Set(REDIRECTING(from-num,i)=104)
 same => n,Set(REDIRECTING(to-num,i)=79161112233)
 same => n,Set(REDIRECTING(reason)=cfu)
 same => n,Dial(PJSIP/79161112233@provider,30)
exten => _1XX,1,Dial(PJSIP/${EXTEN},30)
exten => 600,1,Answer()
 same => n,Queue(sales)
exten => _7XXXXXXXXXX,1,Set(CALLERID(num)=74950000000)
 same => n,Dial(PJSIP/${EXTEN}@provider,30)

[from-provider]
exten => 74950000101,1,Goto(phones,101,1)
exten => 74950000104,1,Goto(phones,104,1)
exten => 74950000105,1,Dial(PJSIP/105,20)
exten => 74950000600,1,Goto(phones,600,1)
""",
}
TRUNK = """
[transport]
type = transport
protocol = udp
bind = {host}:{sip}

[provider]
type = endpoint
context = from-provider
disallow = all
allow = alaw
aors = provider
direct_media = no

[provider]
type = aor
contact = sip:{outside}:{provider}

[provider]
type = identify
endpoint = provider
match = {outside}
"""
FORWARDING = """
[106]
type = endpoint
context = phones
disallow = all
allow = alaw
aors = 106

[106]
type = aor
contact = sip:106@{host}:{forwarding}
"""
PHONE = """
[{number}]
type = endpoint
context = phones
disallow = all
allow = alaw
aors = {number}
auth = {number}
direct_media = no
callerid = {name} <{number}>

[{number}]
type = aor
max_contacts = 1

[{number}]
type = auth
auth_type = userpass
username = {number}
password = secret{number}
"""
PEOPLE = {"101": "Anna", "102": "Boris", "103": "Clara", "105": "Nobody"}


@dataclass(frozen=True, slots=True)
class SetUpPage:
    """What our page tells an administrator to write and to type."""

    files: dict[str, str]
    commands: list[str]

    @classmethod
    def read(cls, path: Path) -> SetUpPage:
        """The blocks of configuration by the file that their first line names, and the console's commands."""
        text = path.read_text("utf-8")
        files = re.findall(r"```(?:ini|toml)\n[;#] \S*?([\w.]+)\n(.*?)```", text, re.DOTALL)
        return cls(dict(files), re.findall(r'^asterisk -rx "(.+)"$', text, re.MULTILINE))


def asterisk_root() -> Path:
    """The folder that Asterisk is installed in; installed now if it is not yet. Skips where it cannot be."""
    named = os.environ.get("FONOTEKA_ASTERISK_ROOT")
    root = Path(named) if named else Path(tempfile.gettempdir()) / "fonoteka-asterisk"
    if os.geteuid() != 0:
        pytest.skip("Asterisk in a folder of its own needs root (chroot)")
    if not (root / "usr/sbin/asterisk").exists():
        _install(root)
    return root


def _install(root: Path) -> None:
    if shutil.which("debootstrap") is None:
        pytest.skip("debootstrap is missing; install the package debootstrap")
    half = root.with_name(f"{root.name}.{os.getpid()}.making")
    try:
        subprocess.run(
            ["debootstrap", "--variant=minbase", "--include=asterisk", SUITE, str(half), _mirror()],
            check=True,
            capture_output=True,
            timeout=600,
        )
        half.rename(root)
    except (subprocess.CalledProcessError, OSError):
        shutil.rmtree(half, ignore_errors=True)
        if not (root / "usr/sbin/asterisk").exists():  # else another run was quicker
            raise


def _mirror() -> str:
    """The archive that this machine's own package sources name."""
    sources = [Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("*")]
    texts = [path.read_text("utf-8", "replace") for path in sources if path.is_file()]
    for text in texts:
        found = re.search(r"^(?:URIs:|deb (?:\[[^]]*\] )?)\s*(\S+/debian/?)(?:\s|$)", text, re.MULTILINE)
        if found:
            return found.group(1)
    pytest.skip("no Debian archive among the package sources of this machine")


@dataclass
class Pbx:
    """An Asterisk of its own, as a company may have it: without ARI and AMI until `follow` is told a page."""

    root: Path
    added: dict[str, str] = field(default_factory=dict)
    """What is added to configuration files, by their names."""
    ari_port: int = field(default_factory=lambda: free_port(socket.SOCK_STREAM))
    ami_port: int = field(default_factory=lambda: free_port(socket.SOCK_STREAM))
    sip_port: int = field(default_factory=lambda: free_port(socket.SOCK_DGRAM))
    provider_port: int = field(default_factory=lambda: free_port(socket.SOCK_DGRAM, socket.SOCK_STREAM))
    forwarding_port: int = field(default_factory=lambda: free_port(socket.SOCK_DGRAM))
    process: subprocess.Popen[bytes] | None = None
    folder: Path = field(init=False)

    def __post_init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pbx-", dir=self.root / "tmp"))
        for name in ("etc", "lib", "run", "log", "log/cdr-csv", "spool", "cache"):
            (self.folder / name).mkdir()
        inside = "/" + str(self.folder.relative_to(self.root))
        places = {
            "astetcdir": "etc",
            "astvarlibdir": "lib",
            "astdbdir": "lib",
            "astkeydir": "lib",
            "astspooldir": "spool",
            "astrundir": "run",
            "astlogdir": "log",
            "astcachedir": "cache",
        }
        lines = [f"{key} => {inside}/{name}" for key, name in places.items()]
        lines += [
            "astmoddir => /usr/lib/x86_64-linux-gnu/asterisk/modules",
            "astdatadir => /usr/share/asterisk",
        ]
        phones = "".join(PHONE.format(number=number, name=name) for number, name in PEOPLE.items())
        trunk = TRUNK.format(host=HOST, outside=OUTSIDE, sip=self.sip_port, provider=self.provider_port)
        forwarding = FORWARDING.format(host=HOST, forwarding=self.forwarding_port)
        files = PBX | {
            "asterisk.conf": "[directories]\n" + "\n".join(lines) + "\n[options]\nverbose = 3\n",
            "pjsip.conf": trunk + forwarding + phones,
        }
        for name, text in files.items():
            (self.folder / "etc" / name).write_text(text + self.added.get(name, ""), "utf-8")

    def start(self) -> None:
        """Start it and wait until it is up."""
        log = (self.folder / "console.log").open("ab")
        self.process = subprocess.Popen(
            ["chroot", str(self.root), "asterisk", "-f", "-C", self._config], stdout=log, stderr=log
        )
        log.close()
        wait_for(lambda: "fully booted" in self.command("core waitfullybooted"), 60)

    def follow(self, page: SetUpPage) -> list[str]:
        """Do what the page says, word for word but for the port; what each command answered."""
        for name, text in page.files.items():
            if name.endswith(".conf"):
                (self.folder / "etc" / name).write_text(self.on_own_ports(text), "utf-8")
        return [self.command(one) for one in page.commands]

    def on_own_ports(self, text: str) -> str:
        """What a page says, with the ports of this PBX instead of the usual ones."""
        return text.replace("8088", str(self.ari_port)).replace("5038", str(self.ami_port))

    def command(self, text: str) -> str:
        """What the console answers."""
        done = subprocess.run(
            ["chroot", str(self.root), "asterisk", "-C", self._config, "-rx", text],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        return done.stdout

    def kill(self) -> None:
        """End it as a power cut does."""
        assert self.process
        self.process.kill()
        self.process.wait()
        self.process = None

    def stop(self) -> None:
        """End it, by its process id."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def remove(self) -> None:
        """Leave nothing behind but the installation."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def call_records(self) -> Path:
        """Its own CDR."""
        return self.folder / "log/cdr-csv/Master.csv"

    @property
    def sip_address(self) -> str:
        """Where phones find it."""
        return f"{HOST}:{self.sip_port}"

    @property
    def _config(self) -> str:
        return "/" + str((self.folder / "etc/asterisk.conf").relative_to(self.root))
