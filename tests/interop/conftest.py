"""Fixtures of the Asterisk tests: one PBX and its phones for all of them, a connector for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interop.asterisk_following import Both, both_of
from tests.pbx import Pbx, SetUpPage, asterisk_root
from tests.softphones import Phone

OPERATE = Path(__file__).parents[2] / "docs" / "operate"


@pytest.fixture(scope="session")
def page() -> SetUpPage:
    """Our set-up page."""
    return SetUpPage.read(OPERATE / "asterisk.md")


@pytest.fixture(scope="session")
def ami_page() -> SetUpPage:
    """Our set-up page where there is no ARI."""
    return SetUpPage.read(OPERATE / "asterisk-ami.md")


@pytest.fixture(scope="session")
def pbx_answers() -> list[str]:
    """What the PBX answered to the page's commands, filled in by `pbx`."""
    return []


@pytest.fixture(scope="session")
def pbx(page: SetUpPage, ami_page: SetUpPage, pbx_answers: list[str]) -> Iterator[Pbx]:
    """A PBX as a company has it, and then what our pages say to do."""
    one = Pbx(asterisk_root())
    try:
        one.start()
        pbx_answers += one.follow(page) + one.follow(ami_page)
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


@pytest.fixture(scope="module")
def both_of_module(
    pbx: Pbx,
    phones: dict[str, Phone],
    page: SetUpPage,
    ami_page: SetUpPage,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Both]:
    """The PBX followed by ARI and by AMI."""
    one = both_of(pbx, tmp_path_factory.mktemp("both"), (page, ami_page), quiet_s=3)
    yield one
    one.close()


@pytest.fixture
def both(both_of_module: Both) -> Both:
    """The same for one test."""
    both_of_module.begin()
    return both_of_module
