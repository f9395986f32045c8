"""File names: readable, safe, and never more than a name."""

from __future__ import annotations

import re
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonoteka.archive.file_names import audio_file_name
from fonoteka.domain.call import Participant, Party
from tests.examples import call, people

MOSCOW = ZoneInfo("Europe/Moscow")


@pytest.mark.parametrize(
    ("participants", "name"),
    [
        (people(), "2026-04-24_15-00_101_+74951234567.mp3"),
        (people("8 (495) 123-45-67", "../../etc"), "2026-04-24_15-00_8-495-123-45-67_etc.mp3"),
        (people("", "", calling_name="Anna P."), "2026-04-24_15-00_Anna-P_sip-trunk.mp3"),
        (
            (Participant("1", Party.CALLING, "", "Анна", ""), Participant("2", Party.CONNECTED, "7", "", "")),
            "2026-04-24_15-00_Анна_7.mp3",
        ),
        ((), "2026-04-24_15-00_unknown_unknown.mp3"),
    ],
)
def test_names_tell_time_and_parties(participants: tuple[Participant, ...], name: str) -> None:
    assert audio_file_name(call(participants=participants), "mp3", MOSCOW) == name


@given(number=st.text(), name=st.text(), aor=st.text())
def test_nothing_from_outside_breaks_out(number: str, name: str, aor: str) -> None:
    one = call(participants=(Participant("1", Party.CALLING, number, name, aor),))
    told = audio_file_name(one, "wav", UTC)
    assert re.fullmatch(r"[0-9_-]{17}\+?[^\W_][\w-]{0,31}_unknown\.wav", told)
    assert len(told.encode()) < 160
