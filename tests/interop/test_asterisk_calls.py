"""Real Asterisk, real phones, our connector: who is heard in which stream, and what a call is called."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from fonoteka.domain.call import CallOutcome, Party
from fonoteka.domain.direction import Direction
from fonoteka.domain.recording import EndReason
from fonoteka.domain.rules import Forwarding, RuleConditions, RuleOutcome
from tests.interop.asterisk_following import Following, leftovers_of
from tests.pbx import Pbx, SetUpPage, asterisk_root
from tests.service import HOST
from tests.softphones import Phone, pause

pytestmark = [
    pytest.mark.needs("baresip", "baresip"),
    pytest.mark.needs_root,
    pytest.mark.timeout(600),
]
ANNA, BORIS, CLARA, MOBILE = 400, 700, 1000, 1300


def test_internal_call_brings_both_parties_apart(following: Following, anna: Phone, boris: Phone) -> None:
    anna.dial("102")
    pause(2)
    anna.hang_up()
    call = following.the_sealed()
    assert call.sealed.direction is Direction.INTERNAL
    assert call.sealed.end_reason is EndReason.BYE
    assert call.sealed.outcome is CallOutcome.RECORDED
    assert call.parties() == [(Party.CALLING, "101", "Anna"), (Party.CALLED, "102", "Boris")]
    assert call.tones() == {"101": [ANNA], "102": [BORIS]}
    assert call.kinds() == ["talk"]
    assert leftovers_of(following.pbx) == []


def test_outgoing_call_is_the_extensions_though_it_shows_another_number(
    following: Following, anna: Phone, mobile: Phone
) -> None:
    anna.dial(mobile.number)
    pause(2)
    anna.hang_up()
    call = following.the_sealed()
    assert call.sealed.direction is Direction.OUTGOING
    assert not call.sealed.forwarded_outside
    assert call.parties() == [(Party.CALLING, "101", "Anna"), (Party.CALLED, mobile.number, "")]
    assert call.tones() == {"101": [ANNA], mobile.number: [MOBILE]}


def test_blind_transfer_is_one_call(following: Following, mobile: Phone, anna: Phone, clara: Phone) -> None:
    mobile.dial("74950000101")
    pause(2)
    anna.transfer("103")
    pause(2.5)
    mobile.hang_up()
    call = following.the_sealed()
    assert call.sealed.direction is Direction.INCOMING
    assert not call.sealed.forwarded_outside
    assert [one for one, *_ in call.parties()] == [Party.CALLING, Party.CALLED, Party.CONNECTED]
    assert call.tones() == {mobile.number: [MOBILE], "101": [ANNA], "103": [CLARA]}
    assert call.kinds() == ["talk", "transfer_blind"]


def test_queue_call_is_one_call_of_two(following: Following, mobile: Phone, boris: Phone) -> None:
    mobile.dial("74950000600")
    pause(2.5)
    mobile.hang_up()
    call = following.the_sealed()
    assert call.tones() == {mobile.number: [MOBILE], "102": [BORIS]}
    assert call.kinds() == ["queue"]


def test_attended_transfer_goes_on_in_the_first_call(
    following: Following, anna: Phone, boris: Phone, clara: Phone
) -> None:
    anna.dial("102")
    pause(2)
    anna.say("hold")
    anna.dial("103")
    pause(2)
    first, _ = following.dialogs("101")
    anna.transfer(f"sip:102@{following.pbx.sip_address}?Replaces={first}")
    pause(2.5)
    boris.hang_up()
    call, consultation = sorted(following.sealed(2), key=lambda one: one.sealed.opened_at)
    assert consultation.tones() == {"101": [ANNA], "103": [CLARA]}
    assert consultation.sealed.external_id == call.sealed.external_id != ""
    assert consultation.sealed.participants == call.sealed.participants
    assert consultation.kinds() == ["consultation"]
    assert call.tones() == {"101": [ANNA], "102": [BORIS], "103": [CLARA]}
    assert call.kinds() == ["talk", "transfer_attended"]


def test_hold_is_a_hold_span_of_the_holder(following: Following, anna: Phone, boris: Phone) -> None:
    anna.dial("102")
    pause(1)
    anna.say("hold")
    pause(1)
    anna.say("resume")
    pause(1)
    anna.hang_up()
    call = following.the_sealed()
    by_number = {call.number_of(one): one for one in call.sealed.streams}
    (span,) = by_number["101"].hold_spans
    assert span.until_ms is not None
    assert 800 <= span.until_ms - span.since_ms <= 1300
    assert by_number["102"].hold_spans == ()


@pytest.mark.parametrize("wanted", [True, False])
def test_forward_to_an_outside_number_is_recorded_where_a_rule_says_so(
    following: Following, clara: Phone, mobile: Phone, wanted: bool
) -> None:
    only_forwarded = RuleConditions(forwarded_outside=Forwarding.ONLY)
    following.rule("forwarded", RuleOutcome.RECORD if wanted else RuleOutcome.SKIP, only_forwarded)
    clara.dial("104")
    pause(2)
    clara.hang_up()
    call = following.the_sealed()
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
def test_forward_by_the_phone_itself_is_seen(
    following: Following, mobile: Phone, anna: Phone, tmp_path: Path
) -> None:
    with forwarding_phone(following.pbx, tmp_path, mobile.number):
        anna.dial("106")
        pause(2.5)
        anna.hang_up()
    call = following.the_sealed()
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
    following: Following, mobile: Phone, anna: Phone, clara: Phone
) -> None:
    following.rule(
        "newcomer", RuleOutcome.RECORD, RuleConditions(extensions=frozenset({"103"})), RuleOutcome.SKIP
    )
    mobile.dial("74950000101")
    pause(2)
    anna.transfer("103")
    pause(2)
    mobile.hang_up()
    call = following.the_sealed()
    assert call.sealed.outcome is CallOutcome.RECORDED
    assert call.tones() == {mobile.number: [MOBILE], "103": [CLARA]}


def test_call_that_nobody_answers_is_known_as_missed(following: Following, mobile: Phone) -> None:
    mobile.dial("74950000105")
    pause(1.5)
    mobile.hang_up()
    call = following.the_sealed()
    assert call.sealed.outcome is CallOutcome.MISSED
    assert call.sealed.end_reason is EndReason.CANCEL
    assert call.sealed.streams == ()
    assert call.parties() == [(Party.CALLING, mobile.number, ""), (Party.CALLED, "105", "Nobody")]


def test_pause_writes_nothing(following: Following, anna: Phone, boris: Phone) -> None:
    anna.dial("102")
    pause(1)
    following.pause("card number")
    pause(0.3)
    before = following.bytes_written()
    pause(1)
    assert following.bytes_written() == before
    following.resume()
    pause(1)
    anna.hang_up()
    call = following.the_sealed()
    assert [one.reason for stream in call.sealed.streams for one in stream.hold_spans] == 2 * [
        "pause: card number"
    ]
    assert call.tones() == {"101": [ANNA, 0, ANNA], "102": [BORIS, 0, BORIS]}


def test_connection_cut_in_mid_call_and_back(
    following: Following, anna: Phone, boris: Phone, clara: Phone
) -> None:
    anna.dial("102")
    pause(1.5)
    following.cut()
    pause(1)
    clara.dial("79161112233")  # what begins meanwhile is found afterwards
    following.mend()
    pause(2)
    anna.hang_up()
    clara.hang_up()
    first, second = sorted(following.sealed(2), key=lambda one: one.sealed.external_id)
    assert first.tones() == {"101": [ANNA], "102": [BORIS]}
    assert first.gaps_ms() == 0
    assert "103" in second.tones()
    assert leftovers_of(following.pbx) == []


def test_call_that_ended_while_nobody_listened_is_sealed(
    following: Following, anna: Phone, boris: Phone
) -> None:
    anna.dial("102")
    pause(1.5)
    following.cut()
    pause(0.5)
    anna.hang_up()
    pause(0.5)
    following.mend()
    call = following.the_sealed()
    assert call.sealed.end_reason is EndReason.SESSION_EXPIRED
    assert call.tones() == {"101": [ANNA], "102": [BORIS]}
    assert leftovers_of(following.pbx) == []


def test_pbx_that_dies_and_comes_back(page: SetUpPage, tmp_path: Path) -> None:
    pbx = Pbx(asterisk_root())
    with ExitStack() as stack:
        stack.callback(pbx.remove)
        pbx.start()
        pbx.follow(page)
        anna, _ = (
            stack.enter_context(closing(Phone(tmp_path, number, tone_hz, pbx)))
            for number, tone_hz in (("101", ANNA), ("102", BORIS))
        )
        following = stack.enter_context(closing(Following(pbx, tmp_path / "data", page, quiet_s=2)))
        anna.dial("102")
        pause(1.5)
        pbx.kill()
        call = following.the_sealed()
        assert call.sealed.end_reason is EndReason.SESSION_EXPIRED
        assert call.tones() == {"101": [ANNA], "102": [BORIS]}
        pbx.start()
        following.wait_connected()


def test_a_tap_that_somebody_hung_up_is_made_again(following: Following, anna: Phone, boris: Phone) -> None:
    anna.dial("102")
    pause(1)
    (media, *_) = following.media_channels()
    following.pbx.command(f"channel request hangup {media}")
    pause(2)
    anna.hang_up()
    call = following.the_sealed()
    assert call.tones() == {"101": [ANNA], "102": [BORIS]}
    assert call.longest_silence_ms() < 1000


def test_set_up_page_brings_what_it_promises(pbx: Pbx, page: SetUpPage, pbx_answers: list[str]) -> None:
    assert set(page.files) == {"http.conf", "ari.conf", "fonoteka.toml"}
    said = dict(zip(page.commands, pbx_answers, strict=True))
    assert "Server Enabled and Bound" in said["http show status"]
    assert "fonoteka" in said["ari show users"]
    for module in ("res_stasis_snoop.so", "chan_rtp.so"):
        assert "1 modules loaded" in said[f"module show like {module}"]
