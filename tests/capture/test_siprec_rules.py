"""What the rules make of SIPREC calls: through real sockets, media process and spool."""

from __future__ import annotations

import asyncio
from pathlib import Path

from fonoteka.domain.call import CallOutcome
from fonoteka.domain.direction import Direction
from fonoteka.domain.refusals import tell_refusals
from fonoteka.domain.rules import Forwarding, RuleConditions, RuleOutcome
from fonoteka.domain.sealed import SealedRecording
from tests.capture.policies import SALES, metadata, publish, rule
from tests.capture.running import Running, running
from tests.capture.sip_client import Client, Voice, siprec_body

RECORD_SALES = rule("Sales", RuleOutcome.RECORD)
XML = "application/rs-metadata+xml"
IN_FORCE_S = 2.0
TICK_S = 0.1
"""More than a pass of the media process."""


async def begin(run: Running, *numbers: str) -> tuple[Client, Voice]:
    client = await run.client()
    response = await client.invite(*siprec_body(metadata=metadata(*numbers)))
    assert len(response.ports) == 2
    assert 0 not in response.ports
    return client, Voice(response.ports[0], 1)


async def end(run: Running, client: Client, count: int = 1) -> SealedRecording:
    assert (await client.ask("BYE")).code == 200
    return next(one for one in await run.sealed(count) if one.sip_call_id == client.call_id)


def written(run: Running, sealed: SealedRecording, packets: list[bytes]) -> list[bool]:
    """Of each packet, whether it lies anywhere in the recording's folder."""
    folder = run.settings.folder.spool_sealed / sealed.recording_id
    data = b"".join(path.read_bytes() for path in folder.iterdir())
    return [packet in data for packet in packets]


def test_a_call_that_no_rule_wants_leaves_a_folder_without_audio(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            client, voice = await begin(run, "102", "89161234567")
            await voice.say(20)
            sealed = await end(run, client)
            assert (sealed.outcome, sealed.tenant_id) == (CallOutcome.SKIPPED, "a")
            assert sealed.direction is Direction.OUTGOING
            assert sealed.decision is not None
            assert sealed.decision.outcome is RuleOutcome.SKIP
            assert [one.number for one in sealed.participants] == ["102", "89161234567"]
            assert [[span.reason for span in one.hold_spans] for one in sealed.streams] == [["rule"]] * 2
            assert not any(written(run, sealed, voice.sent))

    publish(tmp_path / "data", 1, RuleOutcome.SKIP, RECORD_SALES)
    asyncio.run(story())


def test_the_rule_that_wants_a_call_stays_with_it(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            client, voice = await begin(run, "+442079460000", "101")
            await voice.say(20)
            sealed = await end(run, client)
            assert sealed.outcome is CallOutcome.RECORDED
            assert (sealed.tenant_id, sealed.direction) == ("a", Direction.INCOMING)
            assert sealed.decision is not None
            assert (sealed.decision.rule_name, sealed.decision.rule_position) == ("Sales", 1)
            assert sealed.decision.rule_version == 4
            assert all(written(run, sealed, voice.sent))

    publish(tmp_path / "data", 4, RuleOutcome.SKIP, RECORD_SALES)
    asyncio.run(story())


def test_recording_starts_when_a_call_comes_to_one_whom_a_rule_wants(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            client, voice = await begin(run, "89161234567", "102")
            await voice.say(10)
            update = metadata("89161234567", "102", "101").encode()
            assert (await client.ask("UPDATE", XML, update)).code == 200
            await voice.say(10)
            sealed = await end(run, client)
            assert sealed.outcome is CallOutcome.RECORDED
            assert sealed.decision is not None
            assert sealed.decision.rule_name == "Sales"
            # What the kernel still held when the decision fell may be lost, and is never from before.
            kept = written(run, sealed, voice.sent)
            assert not any(kept[:10])
            assert all(kept[15:])
            assert [span.until_ms is None for span in sealed.streams[0].hold_spans] == [False]

    publish(tmp_path / "data", 1, RuleOutcome.SKIP, RECORD_SALES)
    asyncio.run(story())


def test_recording_stops_when_a_call_goes_outside_and_a_rule_forbids_that(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            client, voice = await begin(run, "89161234567", "101")
            await voice.say(10)
            await asyncio.sleep(TICK_S)
            update = metadata("89161234567", "101", "+442079460000")
            reply = await client.ask("INVITE", *siprec_body(metadata=update))
            assert reply.code == 200
            client.ack()
            await voice.say(10)
            sealed = await end(run, client)
            assert (sealed.outcome, sealed.forwarded_outside) == (CallOutcome.RECORDED, True)
            assert sealed.decision is not None
            assert sealed.decision.rule_name == "Sales"
            kept = written(run, sealed, voice.sent)
            assert kept == [True] * 10 + [False] * 10
            assert sealed.streams[0].hold_spans[-1].reason == "rule"
            assert sealed.streams[0].hold_spans[-1].until_ms is None

    outside = rule("Outside", RuleOutcome.SKIP, RuleConditions(forwarded_outside=Forwarding.ONLY))
    publish(tmp_path / "data", 1, RuleOutcome.SKIP, outside, RECORD_SALES)
    asyncio.run(story())


def test_a_diverted_call_is_forwarded_outside_from_the_start(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            client = await run.client()
            body = siprec_body(metadata=metadata("89161234567", "+442079460000"))
            await client.invite(*body, "Diversion: <sip:101@pbx.test>;reason=unconditional")
            sealed = await end(run, client)
            assert (sealed.forwarded_outside, sealed.outcome) == (True, CallOutcome.RECORDED)
            other = await run.client()
            await other.invite(*body)
            sealed = await end(run, other, 2)
            assert (sealed.forwarded_outside, sealed.outcome) == (False, CallOutcome.SKIPPED)

    only = RuleConditions(forwarded_outside=Forwarding.ONLY)
    publish(tmp_path / "data", 1, RuleOutcome.SKIP, rule("Outside", RuleOutcome.RECORD, only))
    asyncio.run(story())


def test_an_on_demand_call_is_recorded_and_waits_for_a_person(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            client, voice = await begin(run, "101", "102")
            await voice.say(10)
            sealed = await end(run, client)
            assert (sealed.kept, sealed.direction) == (None, Direction.INTERNAL)
            assert sealed.decision is not None
            assert sealed.decision.outcome is RuleOutcome.ON_DEMAND
            assert all(written(run, sealed, voice.sent))

    publish(tmp_path / "data", 1, RuleOutcome.SKIP, rule("Sales", RuleOutcome.ON_DEMAND))
    asyncio.run(story())


def test_metadata_that_comes_late_decides(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            client = await run.client()
            response = await client.invite("application/sdp", siprec_body()[1].split(b"\r\n\r\n")[1])
            voice = Voice(response.ports[0], 1)
            assert (await client.ask("UPDATE", XML, metadata("101", "102").encode())).code == 200
            await voice.say(20)
            sealed = await end(run, client)
            assert (sealed.outcome, sealed.direction) == (CallOutcome.RECORDED, Direction.INTERNAL)
            assert all(written(run, sealed, voice.sent)[10:])

    publish(tmp_path / "data", 1, RuleOutcome.SKIP, RECORD_SALES)
    asyncio.run(story())


def test_without_rules_everything_is_recorded_and_new_rules_hold_at_once(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            client, _ = await begin(run, "102", "89161234567")
            sealed = await end(run, client)
            assert (sealed.outcome, sealed.tenant_id) == (CallOutcome.RECORDED, "default")
            publish(run.settings.data, 1, RuleOutcome.SKIP, rule("Sales", RuleOutcome.RECORD, SALES))
            await asyncio.sleep(IN_FORCE_S)
            client, _ = await begin(run, "102", "89161234567")
            sealed = await end(run, client, 2)
            assert (sealed.outcome, sealed.tenant_id) == (CallOutcome.SKIPPED, "a")

    asyncio.run(story())


def test_a_full_storage_plan_refuses_new_calls_and_lets_those_in_progress_go_on(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as run:
            early, heard = await begin(run, "101", "89161234567")
            await heard.say(5)
            tell_refusals(run.settings.folder.run, ["a"])
            await asyncio.sleep(IN_FORCE_S)
            late, unheard = await begin(run, "101", "89160000000")
            await heard.say(5)
            await unheard.say(5)
            kept = await end(run, early)
            refused = await end(run, late, 2)
            assert kept.outcome is CallOutcome.RECORDED
            assert all(written(run, kept, heard.sent))
            assert (refused.outcome, refused.reason) == (CallOutcome.REFUSED, "the storage plan is full")
            assert not any(written(run, refused, unheard.sent))
            tell_refusals(run.settings.folder.run, [])
            await asyncio.sleep(IN_FORCE_S)
            client, voice = await begin(run, "101", "89161111111")
            await voice.say(5)
            assert (await end(run, client, 3)).outcome is CallOutcome.RECORDED

    publish(tmp_path / "data", 1, RuleOutcome.RECORD)
    asyncio.run(story())
