"""Real Asterisk, real phones, our connector: who is heard in which stream, and what a call is called.

Each call is followed by ARI and by AMI at once.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fonoteka.archive import announce_calls
from fonoteka.connectors.folder.cdr_calls import CdrClock, calls_of
from fonoteka.connectors.folder.cdr_file import START, read_on
from fonoteka.domain.call import DEFAULT_TENANT_ID, CallOutcome, Party
from fonoteka.domain.direction import Direction
from fonoteka.domain.recording import EndReason
from fonoteka.domain.refusals import DISK_LOW
from fonoteka.domain.rules import Forwarding, RuleConditions, RuleOutcome
from fonoteka.pipeline.steps import PROCESS, Bench, register
from fonoteka.settings import DataFolder
from tests.interop.asterisk_following import Both, Following, dialogs, leftovers_of
from tests.pbx import Pbx
from tests.pipeline.folders import archive_of
from tests.service import HOST, wait_for
from tests.softphones import Phone, pause

pytestmark = [
    pytest.mark.needs("baresip", "baresip"),
    pytest.mark.needs_root,
    pytest.mark.timeout(600),
]
ANNA, BORIS, CLARA, MOBILE = 400, 700, 1000, 1300


def test_internal_call_brings_both_parties_apart(both: Both, anna: Phone, boris: Phone) -> None:
    anna.dial("102")
    both.talk("101", "102")
    anna.hang_up()
    for call in both.the_sealed():
        assert call.sealed.direction is Direction.INTERNAL
        assert call.sealed.end_reason is EndReason.BYE
        assert call.sealed.outcome is CallOutcome.RECORDED
        assert call.parties() == [(Party.CALLING, "101", "Anna"), (Party.CALLED, "102", "Boris")]
        assert call.tones() == {"101": [ANNA], "102": [BORIS]}
        assert call.kinds() == ["talk"]
    assert leftovers_of(both.pbx) == []


def test_outgoing_call_is_the_extensions_though_it_shows_another_number(
    both: Both, anna: Phone, mobile: Phone
) -> None:
    anna.dial(mobile.number)
    both.talk("101", mobile.number)
    anna.hang_up()
    for call in both.the_sealed():
        assert call.sealed.direction is Direction.OUTGOING
        assert not call.sealed.forwarded_outside
        assert call.parties() == [(Party.CALLING, "101", "Anna"), (Party.CALLED, mobile.number, "")]
        assert call.tones() == {"101": [ANNA], mobile.number: [MOBILE]}


def test_blind_transfer_is_one_call(both: Both, mobile: Phone, anna: Phone, clara: Phone) -> None:
    mobile.dial("74950000101")
    both.talk(mobile.number, "101")
    anna.transfer("103")
    both.talk(mobile.number, "103")
    mobile.hang_up()
    for call in both.the_sealed():
        assert call.sealed.direction is Direction.INCOMING
        assert not call.sealed.forwarded_outside
        assert [one for one, *_ in call.parties()] == [Party.CALLING, Party.CALLED, Party.CONNECTED]
        assert call.tones() == {mobile.number: [MOBILE], "101": [ANNA], "103": [CLARA]}
        assert call.kinds() == ["talk", "transfer_blind"]


def test_queue_call_is_one_call_of_two(both: Both, mobile: Phone, boris: Phone) -> None:
    mobile.dial("74950000600")
    both.talk(mobile.number, "102")
    mobile.hang_up()
    for call in both.the_sealed():
        assert call.tones() == {mobile.number: [MOBILE], "102": [BORIS]}
        assert call.kinds() == ["queue"]


def test_attended_transfer_is_one_call_with_its_consultation(
    both: Both, anna: Phone, boris: Phone, clara: Phone
) -> None:
    anna.dial("102")
    both.talk("101", "102")
    anna.say("hold")
    anna.dial("103")
    both.talk("101", "103")
    first, _ = dialogs(both.pbx, "101")
    anna.transfer(f"sip:102@{both.pbx.sip_address}?Replaces={first}")
    both.talk("102", "103")
    boris.hang_up()
    for call, consultation in both.sealed(2):
        assert call.tones() == {"101": [ANNA], "102": [BORIS], "103": [CLARA]}
        assert call.kinds() == ["talk", "transfer_attended"]
        assert consultation.tones() == {"101": [ANNA], "103": [CLARA]}
        assert consultation.kinds() == ["consultation"]
        assert consultation.sealed.external_id == call.sealed.external_id != ""
        assert consultation.sealed.participants == call.sealed.participants


def test_each_part_of_a_transferred_call_follows_its_own_rule(
    both: Both, anna: Phone, boris: Phone, clara: Phone
) -> None:
    both.rule("Boris", RuleOutcome.RECORD, RuleConditions(extensions=frozenset({"102"})), RuleOutcome.SKIP)
    anna.dial("102")
    both.talk("101", "102")
    anna.say("hold")
    anna.dial("103")
    wait_for(lambda: len(dialogs(both.pbx, "101")) == 2)
    pause(0.5)
    first, _ = dialogs(both.pbx, "101")
    anna.transfer(f"sip:102@{both.pbx.sip_address}?Replaces={first}")
    both.talk("102", "103")
    boris.hang_up()
    for call, consultation in both.sealed(2):
        assert call.tones() == {"101": [ANNA], "102": [BORIS], "103": [CLARA]}
        assert consultation.sealed.external_id == call.sealed.external_id
        assert consultation.sealed.outcome is CallOutcome.SKIPPED
        assert list(consultation.folder.glob("*.rtpdump")) == []


def test_hold_is_a_hold_span_of_the_holder(both: Both, anna: Phone, boris: Phone) -> None:
    anna.dial("102")
    both.talk("101", "102", seconds=0.5)
    anna.say("hold")
    both.wait_held("101")
    pause(0.5)
    anna.say("resume")
    both.wait_held("101", held=False)
    anna.hang_up()
    for call in both.the_sealed():
        by_number = {call.number_of(one): one for one in call.sealed.streams}
        (span,) = by_number["101"].hold_spans
        assert span.until_ms is not None
        assert span.until_ms - span.since_ms >= 450
        assert by_number["102"].hold_spans == ()


@pytest.mark.parametrize("wanted", [True, False])
def test_forward_to_an_outside_number_is_recorded_where_a_rule_says_so(
    both: Both, clara: Phone, mobile: Phone, wanted: bool
) -> None:
    only_forwarded = RuleConditions(forwarded_outside=Forwarding.ONLY)
    both.rule("forwarded", RuleOutcome.RECORD if wanted else RuleOutcome.SKIP, only_forwarded)
    clara.dial("104")
    if wanted:
        both.talk("103", mobile.number)
    else:
        both.wait_decided("forwarded")
        pause(0.5)
    clara.hang_up()
    for call in both.the_sealed():
        assert call.sealed.forwarded_outside
        assert (Party.REDIRECTING, "104", "") in call.parties()
        assert (Party.CALLED, mobile.number, "") in call.parties()
        assert call.sealed.decision is not None
        if wanted:
            assert call.tones() == {"103": [CLARA], mobile.number: [MOBILE]}
            assert call.kinds() == ["forward"]
        else:
            assert call.sealed.outcome is CallOutcome.SKIPPED
            assert call.sealed.decision.rule_name == "forwarded"
            assert list(call.folder.glob("*.rtpdump")) == []


@pytest.mark.needs("sipp", "sip-tester")
def test_forward_by_the_phone_itself_is_seen(both: Both, mobile: Phone, anna: Phone, tmp_path: Path) -> None:
    with forwarding_phone(both.pbx, tmp_path, mobile.number):
        anna.dial("106")
        both.talk("101", mobile.number)
        anna.hang_up()
    for call in both.the_sealed():
        assert call.sealed.forwarded_outside
        assert (Party.REDIRECTING, "106", "") in call.parties()
        assert call.tones() == {"101": [ANNA], mobile.number: [MOBILE]}


@contextmanager
def forwarding_phone(pbx: Pbx, folder: Path, number: str) -> Iterator[None]:
    """A phone (sipp) that answers one call with 302, as phones do whose owner has set a forwarding."""
    scenario = Path(__file__).parent / "forward_302.xml"
    text = scenario.read_text("utf-8").replace("@TARGET@", f"{number}@{pbx.sip_address}")
    (folder / "forward.xml").write_text(text, "utf-8")
    command = [
        "sipp",
        "-sf",
        "forward.xml",
        "-i",
        HOST,
        "-p",
        str(pbx.forwarding_port),
        "-m",
        "1",
        "-nostdin",
    ]
    process = subprocess.Popen(
        [*command, "-timeout", "20s"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        pause(0.5)
        yield
    finally:
        process.kill()
        process.wait()


def test_transfer_to_somebody_recorded_starts_it(
    both: Both, mobile: Phone, anna: Phone, clara: Phone
) -> None:
    both.rule("newcomer", RuleOutcome.RECORD, RuleConditions(extensions=frozenset({"103"})), RuleOutcome.SKIP)
    mobile.dial("74950000101")
    both.wait_decided("")
    pause(0.3)
    anna.transfer("103")
    both.talk(mobile.number, "103")
    mobile.hang_up()
    for call in both.the_sealed():
        assert call.sealed.outcome is CallOutcome.RECORDED
        assert call.tones() == {mobile.number: [MOBILE], "103": [CLARA]}


def test_call_that_nobody_answers_is_known_as_missed(both: Both, mobile: Phone) -> None:
    mobile.dial("74950000105")
    both.wait_known()
    mobile.hang_up()
    for call in both.the_sealed():
        assert call.sealed.outcome is CallOutcome.MISSED
        assert call.sealed.end_reason is EndReason.CANCEL
        assert call.sealed.streams == ()
        assert call.parties() == [(Party.CALLING, mobile.number, ""), (Party.CALLED, "105", "Nobody")]


def test_pause_writes_nothing(both: Both, anna: Phone, boris: Phone) -> None:
    anna.dial("102")
    both.talk("101", "102")
    for one in both.each:
        one.pause("card number")
    pause(0.1)
    before = [one.bytes_written() for one in both.each]
    pause(0.9)
    assert [one.bytes_written() for one in both.each] == before
    for one in both.each:
        one.resume()
    both.talk("101", "102")
    anna.hang_up()
    for call in both.the_sealed():
        assert [one.reason for stream in call.sealed.streams for one in stream.hold_spans] == 2 * [
            "pause: card number"
        ]
        assert call.tones() == {"101": [ANNA, 0, ANNA], "102": [BORIS, 0, BORIS]}


def test_connection_cut_in_mid_call_and_back(both: Both, anna: Phone, boris: Phone, clara: Phone) -> None:
    anna.dial("102")
    both.talk("101", "102")
    for one in both.each:
        one.cut()
    clara.dial("79161112233")  # what begins meanwhile is found afterwards
    wait_for(lambda: "provider" in both.pbx.command("core show channels concise"))
    for one in both.each:
        one.mend()
    both.talk("103", "79161112233")
    both.talk("101", "102")
    anna.hang_up()
    clara.hang_up()
    for first, second in both.sealed(2):
        assert first.tones() == {"101": [ANNA], "102": [BORIS]}
        assert first.gaps_ms() == 0
        assert second.tones() == {"103": [CLARA], "79161112233": [MOBILE]}
    assert leftovers_of(both.pbx) == []


def test_call_that_ended_while_nobody_listened_is_sealed(both: Both, anna: Phone, boris: Phone) -> None:
    anna.dial("102")
    both.talk("101", "102")
    for one in both.each:
        one.cut()
    anna.hang_up()
    wait_for(lambda: "PJSIP" not in both.pbx.command("core show channels concise"))
    for one in both.each:
        one.mend()
    for call in both.the_sealed():
        assert call.sealed.end_reason is EndReason.SESSION_EXPIRED
        assert call.tones() == {"101": [ANNA], "102": [BORIS]}
    assert leftovers_of(both.pbx) == []


def test_a_tap_that_somebody_hung_up_is_made_again(both: Both, anna: Phone, boris: Phone) -> None:
    anna.dial("102")
    both.talk("101", "102")
    for one in both.each:
        (id_, name), *_ = one.media_channels().items()
        both.pbx.command(f"channel request hangup {name}")
        wait_for(lambda id_=id_, one=one: len(one.media_channels().keys() - {id_}) == 2)
    both.talk("101", "102")
    anna.hang_up()
    for call in both.the_sealed():
        for number, tone_hz in (("101", ANNA), ("102", BORIS)):
            assert set(call.tones()[number]) <= {tone_hz, 0}
        assert call.longest_silence_ms() < 1500


def test_a_call_without_room_is_told_and_not_heard(both: Both, anna: Phone, boris: Phone) -> None:
    for one in both.each:
        one.refusing = DISK_LOW
    anna.dial("102")
    both.wait_talking()
    assert leftovers_of(both.pbx) == []
    anna.hang_up()
    for call in both.the_sealed():
        assert (call.sealed.outcome, call.sealed.reason) == (CallOutcome.REFUSED, DISK_LOW)
        assert call.parties() == [(Party.CALLING, "101", "Anna"), (Party.CALLED, "102", "Boris")]
        assert (call.kinds(), call.sealed.streams) == (["talk"], ())


def test_the_pbxs_own_records_are_the_calls_that_were_followed(
    both: Both, mobile: Phone, anna: Phone, boris: Phone, clara: Phone, tmp_path: Path
) -> None:
    begun = datetime.now(UTC) - timedelta(seconds=2)
    mobile.dial("74950000600")
    both.talk(mobile.number, "102")
    mobile.hang_up()
    both.sealed(1)
    anna.dial("102")
    both.talk("101", "102")
    anna.say("hold")
    anna.dial("103")
    both.talk("101", "103")
    first, _ = dialogs(both.pbx, "101")
    anna.transfer(f"sip:102@{both.pbx.sip_address}?Replaces={first}")
    both.talk("102", "103")
    boris.hang_up()
    both.sealed(3)
    mobile.dial("74950000101")
    both.talk(mobile.number, "101")
    anna.transfer("103")
    both.talk(mobile.number, "103")
    mobile.hang_up()
    both.sealed(4)
    for one in both.each:
        one.cut()
    anna.dial("102")
    wait_for(lambda: both.pbx.command("core show channels concise").count("!Up!") == 2)
    anna.hang_up()
    wait_for(lambda: "PJSIP" not in both.pbx.command("core show channels concise"))
    for one in both.each:
        one.mend()
    for one in both.each:
        told = _told_by_records(both.pbx, one, begun, tmp_path / one.config.app)
        # The talk before the attended transfer has a record and an id of its own, and is no call more.
        assert sorted(told) == [CallOutcome.EXPECTED, *3 * [CallOutcome.RECORDED]], told


def _told_by_records(pbx: Pbx, one: Following, begun: datetime, data: Path) -> list[CallOutcome]:
    """What the ledger says of each call in the PBX's Master.csv, knowing what was sealed."""
    DataFolder(data).make()
    with archive_of(data) as archive:
        for call in one.sealed(4):
            folder = DataFolder(data).spool_sealed / call.folder.name
            shutil.copytree(call.folder, folder)
            assert register(Bench(archive, DataFolder(data)), folder.name) == PROCESS
        rows = [row for lines in read_on(pbx.call_records, START) for row in lines.rows]
        calls, wrong = calls_of(rows, DEFAULT_TENANT_ID, CdrClock(UTC))
        assert not wrong
        ours = [call for call in calls if call.started_at >= begun]
        told = announce_calls(archive, one.policy, ours)
        return list({one.call_id: one.outcome for one in told}.values())


def test_pbx_that_dies_and_comes_back(both: Both, anna: Phone, boris: Phone) -> None:
    anna.dial("102")
    both.talk("101", "102")
    both.pbx.kill()
    for call in both.the_sealed():
        assert call.sealed.end_reason is EndReason.SESSION_EXPIRED
        assert call.tones() == {"101": [ANNA], "102": [BORIS]}
    for phone in (anna, boris):
        phone.hang_up()
    both.pbx.start()
    for one in both.each:
        one.wait_connected()
