"""Real Asterisk: what the set-up pages promise, users of AMI that are refused, and TLS."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fonoteka.connectors.asterisk import AsteriskConfig, ami_taps
from fonoteka.connectors.asterisk.ami_transport import AmiTransport
from fonoteka.connectors.asterisk.transport import transport_of
from fonoteka.domain.errors import ConnectorRefused, ConnectorUnreachable, SettingInvalid
from tests.certificates import Certificate, make_certificate
from tests.pbx import Pbx, SetUpPage
from tests.service import HOST, free_port

pytestmark = [
    pytest.mark.needs("baresip", "baresip"),
    pytest.mark.needs_root,
    pytest.mark.timeout(600),
]


def test_set_up_pages_bring_what_they_promise(
    pbx: Pbx, page: SetUpPage, ami_page: SetUpPage, pbx_answers: list[str]
) -> None:
    assert set(page.files) == {"http.conf", "ari.conf", "fonoteka.toml"}
    assert set(ami_page.files) == {"manager.conf", "fonoteka.toml"}
    said = dict(zip(page.commands + ami_page.commands, pbx_answers, strict=True))
    assert "Server Enabled and Bound" in said["http show status"]
    assert "fonoteka" in said["ari show users"]
    assert re.search(r"Manager \(AMI\):\s+Yes", said["manager show settings"])
    assert "originate" in said["manager show user fonoteka"]
    for module in ("res_stasis_snoop.so", "chan_rtp.so", "app_chanspy.so"):
        assert "1 modules loaded" in said[f"module show like {module}"]


MORE_USERS = """
[readonly]
secret = choose-a-long-one
read = call
[deaf]
secret = choose-a-long-one
read = system
write = system,call,originate
[elsewhere]
secret = choose-a-long-one
deny = 0.0.0.0/0.0.0.0
permit = 192.0.2.1/255.255.255.255
read = call
write = system,call,originate
"""


@pytest.mark.parametrize(
    ("user", "password", "words"),
    [
        ("fonoteka", "wrong", "password is wrong"),
        ("elsewhere", "", "does not permit our address"),
        ("readonly", "", "write = originate"),
        ("deaf", "", "read = call"),
    ],
)
def test_user_of_ami_who_is_refused_is_told_why(
    pbx: Pbx, more_users: None, user: str, password: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ami_taps, "STARTED_WAIT_S", 0.5)
    config = AsteriskConfig(f"ami://{HOST}:{pbx.ami_port}", user, password or "choose-a-long-one")

    async def connect() -> None:
        async with AmiTransport(config).connect():
            raise AssertionError("this user is of no use")

    with pytest.raises(ConnectorRefused, match=words):
        asyncio.run(connect())


@pytest.mark.parametrize("scheme", ["https", "amis"])
def test_pbx_is_followed_over_tls_and_must_prove_who_it_is(
    pbx: Pbx, tls: tuple[Certificate, dict[str, int]], scheme: str, tmp_path: Path
) -> None:
    certificate, ports = tls
    url = f"{scheme}://{HOST}:{ports[scheme]}"
    config = AsteriskConfig(url, "fonoteka", "choose-a-long-one", "fonoteka_tls")

    async def state(config: AsteriskConfig) -> object:
        async with transport_of(config).connect() as connection:
            return await connection.state()

    assert asyncio.run(state(replace(config, ca_file=str(certificate.ca_file)))) == ([], [])
    with pytest.raises(ConnectorUnreachable, match="CERTIFICATE_VERIFY_FAILED"):
        asyncio.run(state(config))
    with pytest.raises(SettingInvalid, match="ca_file"):
        asyncio.run(state(replace(config, ca_file=str(tmp_path / "none"))))


@pytest.fixture
def tls(pbx: Pbx, tmp_path: Path) -> Iterator[tuple[Certificate, dict[str, int]]]:
    """The PBX with a certificate of its own, and its ports for TLS by their schemes."""
    certificate = make_certificate(tmp_path, "pbx.test")
    ports = {"https": free_port(socket.SOCK_STREAM), "amis": free_port(socket.SOCK_STREAM)}
    both = pbx.folder / "etc" / "pbx.pem"
    both.write_bytes(certificate.chain.read_bytes() + certificate.key.read_bytes())
    inside = "/" + str(both.relative_to(pbx.root))
    files = {"http.conf": "https", "manager.conf": "amis"}
    before = {}
    for name, scheme in files.items():
        path = pbx.folder / "etc" / name
        before[path] = path.read_text("utf-8")
        added = f"tlsenable = yes\ntlsbindaddr = {HOST}:{ports[scheme]}\ntlscertfile = {inside}\n"
        path.write_text(before[path].replace("[general]\n", f"[general]\n{added}", 1), "utf-8")
    for module in ("http", "manager"):
        pbx.command(f"module reload {module}")
    yield certificate, ports
    for path, text in before.items():
        path.write_text(text, "utf-8")
    for module in ("http", "manager"):
        pbx.command(f"module reload {module}")


@pytest.fixture
def more_users(pbx: Pbx) -> Iterator[None]:
    """Users of AMI as they should not be."""
    path = pbx.folder / "etc" / "manager.conf"
    text = path.read_text("utf-8")
    path.write_text(text + MORE_USERS, "utf-8")
    pbx.command("module reload manager")
    yield
    path.write_text(text, "utf-8")
    pbx.command("module reload manager")
