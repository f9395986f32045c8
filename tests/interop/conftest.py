"""Fixtures of the Asterisk tests: one PBX and its phones for all of them, a connector for each."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interop.asterisk_following import Following, following_of
from tests.pbx import Pbx, Phone, asterisk_root, connector_blocks
from tests.service import free_port

PAGE = Path(__file__).parents[2] / "docs" / "operate" / "asterisk.md"


@pytest.fixture(scope="session")
def page() -> dict[str, str]:
    """The configuration of the set-up page, word for word."""
    return connector_blocks(PAGE)


@pytest.fixture(scope="session")
def pbx(page: dict[str, str]) -> Iterator[Pbx]:
    """A PBX as a company has it, and what our page says to add; only the port of HTTP is another."""
    root = asterisk_root()
    port = free_port(socket.SOCK_STREAM)
    blocks = {name: page[name].replace("8088", str(port)) for name in ("http.conf", "ari.conf")}
    one = Pbx(root, blocks, port)
    try:
        one.start()
        yield one
    finally:
        one.remove()


@pytest.fixture(scope="session")
def phones(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Phone]]:
    """Three extensions and a mobile outside; each says a tone of its own."""
    folder = tmp_path_factory.mktemp("phones")
    made: dict[str, Phone] = {}
    try:
        for number, tone_hz in (("101", 400), ("102", 700), ("103", 1000)):
            made[number] = Phone(folder, number, tone_hz, pbx)
        made["105"] = Phone(folder, "105", 1600, pbx, answers=False)
        made["mobile"] = Phone(folder, "79161112233", 1300, pbx, outside=True)
        yield made
    finally:
        for phone in made.values():
            phone.close()


@pytest.fixture
def anna(phones: dict[str, Phone]) -> Phone:
    return phones["101"]


@pytest.fixture
def boris(phones: dict[str, Phone]) -> Phone:
    return phones["102"]


@pytest.fixture
def clara(phones: dict[str, Phone]) -> Phone:
    return phones["103"]


@pytest.fixture
def mobile(phones: dict[str, Phone]) -> Phone:
    return phones["mobile"]


@pytest.fixture
def following(
    pbx: Pbx, phones: dict[str, Phone], page: dict[str, str], tmp_path: Path
) -> Iterator[Following]:
    yield from following_of(pbx, tmp_path / "data", page)
