"""Our connector at work on a real Asterisk, and what it has sealed."""

from __future__ import annotations

import asyncio
import json
import threading
import time
import tomllib
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import numpy as np

from fonoteka.audio.timeline import AssembledTrack
from fonoteka.capture.live_calls import ControlledMedia, ControlledSpool, LiveCalls
from fonoteka.capture.media import MediaProcess
from fonoteka.capture.policy_snapshot import SnapshotPolicy
from fonoteka.capture.spool import Spool
from fonoteka.connectors.asterisk import AsteriskConfig, AsteriskConnector
from fonoteka.domain.call import DEFAULT_TENANT_ID, Party
from fonoteka.domain.people import Directory, Tenant
from fonoteka.domain.policy_snapshot import PolicySnapshot, TenantPolicy
from fonoteka.domain.rules import RecordingRule, RuleConditions, RuleOutcome, RuleSet
from fonoteka.domain.sealed import SealedRecording, SealedStream
from fonoteka.pipeline.spooled import read_audio, read_manifest
from fonoteka.settings import Settings
from tests.pbx import Pbx, SetUpPage
from tests.relay import Relay
from tests.service import HOST, wait_for
from tests.softphones import RATE_HZ, loudest_hz

WINDOW = RATE_HZ // 4
PACKETS_PER_S, PACKET_BYTES = 50, 8 + 12 + 160


@dataclass(frozen=True, slots=True)
class SealedCall:
    """A sealed folder as a test looks at it."""

    folder: Path
    sealed: SealedRecording

    def parties(self) -> list[tuple[Party | None, str, str]]:
        return [(one.party, one.number, one.name) for one in self.sealed.participants]

    def kinds(self) -> list[str]:
        return [one.kind for one in self.sealed.segments]

    def number_of(self, stream: SealedStream) -> str:
        (id_,) = stream.participant_ids
        return next(one.number for one in self.sealed.participants if one.id == id_)

    def tones(self) -> dict[str, list[int]]:
        """By number: the tones heard one after the other (0: silence), short transitions left out."""
        found: dict[str, list[int]] = {}
        for stream, track in self._tracks():
            samples = track.samples
            tones = [
                loudest_hz(samples[at : at + WINDOW]) for at in range(0, len(samples) - WINDOW + 1, WINDOW)
            ]
            steady = [one for one, after in pairwise(tones) if one == after]
            heard = found.setdefault(self.number_of(stream), [])
            heard += [one for at, one in enumerate(steady) if at == 0 or steady[at - 1] != one]
            found[self.number_of(stream)] = heard[1:] if heard[0] == 0 else heard
        return {number: _unrepeated(_without_end(heard)) for number, heard in found.items()}

    def _tracks(self) -> tuple[tuple[SealedStream, AssembledTrack], ...]:
        spooled = read_audio(self.folder, self.sealed)
        return () if spooled is None else spooled.tracks

    def gaps_ms(self) -> int:
        return sum(track.gap_ms for _, track in self._tracks())

    def longest_silence_ms(self) -> int:
        longest = 0
        for _, track in self._tracks():
            loud = np.flatnonzero(np.abs(track.samples.astype(int)) > 500)
            longest = max(longest, int(np.diff(loud).max()))
        return longest * 1000 // RATE_HZ


def ask(pbx: Pbx, path: str) -> Any:
    """ARI, not by way of our client."""
    request = urllib.request.Request(f"http://{HOST}:{pbx.ari_port}/ari/{path}")
    request.add_header("Authorization", "Basic " + b64encode(b"fonoteka:choose-a-long-one").decode())
    with urllib.request.urlopen(request, timeout=5) as answer:
        return json.load(answer)


def leftovers_of(pbx: Pbx) -> list[str]:
    """What of ours is in the PBX, once nothing more goes away."""

    def ours() -> list[str]:
        found = [one["id"] for kind in ("channels", "bridges") for one in ask(pbx, kind)]
        return [one for one in found if one.startswith("fonoteka")]

    for _ in range(20):
        if not ours():
            break
        time.sleep(0.1)
    return ours()


def _without_end(heard: list[int]) -> list[int]:
    """Silence after the last word is how every call ends."""
    return heard[:-1] if heard[-1:] == [0] else heard


def _unrepeated(heard: list[int]) -> list[int]:
    return [one for at, one in enumerate(heard) if at == 0 or heard[at - 1] != one]


@dataclass
class Following:
    """The connector in a thread of its own, set up as a page says; between it and the PBX a relay to cut."""

    pbx: Pbx
    data: Path
    page: SetUpPage
    quiet_s: float = 60
    relay: Relay = field(init=False)
    connector: AsteriskConnector = field(init=False)
    refusing: str = ""
    """Why there is no room for a call that begins now."""
    _before: set[Path] = field(default_factory=set)

    def __post_init__(self) -> None:
        (table,) = tomllib.loads(self.page.files["fonoteka.toml"])["connector"]
        url = urlsplit(table["url"])
        self.relay = Relay(HOST, self.pbx.ari_port if url.scheme == "http" else self.pbx.ami_port)
        table["url"] = f"{url.scheme}://{HOST}:{self.relay.port}"
        table["app"] = f"fonoteka_{url.scheme}"  # the two are here at once
        self.config = AsteriskConfig.read(table)
        self.settings = Settings(data=self.data, sip=f"{HOST}:0")
        self.settings.folder.make()
        self.policy = SnapshotPolicy(self.data / "policy.json", 5)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._do(self._start())
        self.wait_connected()

    def begin(self) -> None:
        """A new test: what was sealed before does not count, and everything is recorded."""
        folder = self.settings.folder
        wait_for(lambda: not list(folder.spool_open.iterdir()) and not self.connector.recordings, 20)
        self._before = set(folder.spool_sealed.iterdir())
        self.refusing = ""
        self.rule("", RuleOutcome.RECORD, RuleConditions())

    def rule(
        self,
        name: str,
        outcome: RuleOutcome,
        conditions: RuleConditions,
        default: RuleOutcome = RuleOutcome.RECORD,
    ) -> None:
        """One rule and a default, in force at once."""
        rules = RuleSet(DEFAULT_TENANT_ID, 1, (RecordingRule("r", name, outcome, conditions),), default)
        tenant = TenantPolicy(Directory(Tenant(DEFAULT_TENANT_ID, "")), rules)
        (self.data / "policy.json").write_text(PolicySnapshot(1, (tenant,)).to_json())
        self.policy.look()

    def sealed(self, count: int = 1) -> list[SealedCall]:
        """What has been sealed, as soon as it is so many; nothing is open then."""
        folder = self.settings.folder

        def found() -> list[Path]:
            done = sorted(set(folder.spool_sealed.iterdir()) - self._before)
            return done if len(done) >= count and not list(folder.spool_open.iterdir()) else []

        paths = wait_for(found, 15)
        assert len(paths) == count, [read_manifest(one) for one in paths]
        return [SealedCall(one, read_manifest(one)) for one in paths]

    def has_talked(self, numbers: set[str], seconds: float) -> Callable[[], bool]:
        """Whether, since now, in a call in which just these are recorded each was so for as long."""
        before = {one: _sizes(one) for one in self.settings.folder.spool_open.iterdir()}
        least = seconds * PACKETS_PER_S * PACKET_BYTES

        def is_so() -> bool:
            for one in self.connector.recordings:
                tapped = {party.number for party in one.view.parties if party.is_tapped}
                if tapped == numbers and one.recording is not None:
                    known = before.setdefault(one.recording.folder, {})
                    now = _sizes(one.recording.folder)
                    grown = [size for name, size in now.items() if size - known.get(name, 0) >= least]
                    return len(grown) >= len(numbers)
                if one.recording is not None:  # they talk from another moment on
                    before[one.recording.folder] = _sizes(one.recording.folder)
            return False

        return is_so

    def wait_held(self, number: str, *, held: bool = True) -> None:
        def is_so() -> bool:
            views = [one.view for one in self.connector.recordings]
            return any(one.number == number and one.is_held is held for view in views for one in view.parties)

        wait_for(is_so, 5)

    def wait_decided(self, rule_name: str) -> None:
        """Until a call is decided on, by the rule of that name (empty: by the default)."""

        def is_so() -> bool:
            decisions = [one.view.decision for one in self.connector.recordings]
            return any(one is not None and one.rule_name == rule_name for one in decisions)

        wait_for(is_so, 15)

    def wait_connected(self) -> None:
        wait_for(lambda: self.connector.is_connected, 20)

    def cut(self) -> None:
        """The connection to the PBX goes, and none can be made."""
        self.relay.cut()
        wait_for(lambda: not self.connector.is_connected, 5)

    def mend(self) -> None:
        self.relay.mend()
        self.wait_connected()

    def pause(self, reason: str) -> None:
        (call,) = self._live.calls()
        self._do(self._live.pause(call.recording_id, reason, None))

    def resume(self) -> None:
        (call,) = self._live.calls()
        self._do(self._live.resume(call.recording_id))

    def bytes_written(self) -> int:
        return sum(one.stat().st_size for one in self.settings.folder.spool_open.rglob("*.rtpdump"))

    def media_channels(self) -> dict[str, str]:
        """The channels that send to us: their names by our ids; a name may come back, an id never does."""
        found = [one for one in ask(self.pbx, "channels") if one["id"].startswith(f"{self.config.app}-")]
        return {one["id"]: one["name"] for one in found if one["name"].startswith("UnicastRTP/")}

    def close(self) -> None:
        self._do(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
        self.relay.close()

    async def _start(self) -> None:
        self._media = MediaProcess(self.settings)
        await self._media.start()
        self._live = LiveCalls(self.settings.folder)
        plain_spool = Spool(self.settings.folder)
        spool = ControlledSpool(plain_spool, self._media, self._live)
        media = ControlledMedia(self._media, self._live)
        self.connector = AsteriskConnector(
            self.config,
            media,
            spool,
            self.policy,
            plain_spool=plain_spool,
            refused_because=lambda: self.refusing,
            quiet_s=self.quiet_s,
        )
        self._task = asyncio.create_task(self.connector.run())

    async def _stop(self) -> None:
        await self.connector.stop()
        await self._media.stop()

    def _do(self, what: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(30)


def dialogs(pbx: Pbx, endpoint: str) -> list[str]:
    """The SIP dialogs of an endpoint, the oldest first, as the value of a Replaces (RFC 3891)."""
    found = []
    channels = [one for one in ask(pbx, "channels") if one["name"].startswith(f"PJSIP/{endpoint}-")]
    for one in sorted(channels, key=lambda one: one["creationtime"] + one["name"]):
        values = [
            ask(pbx, f"channels/{one['id']}/variable?variable={quote(f'CHANNEL(pjsip,{name})')}")["value"]
            for name in ("call-id", "local_tag", "remote_tag")
        ]
        found.append(quote(f"{values[0]};to-tag={values[1]};from-tag={values[2]}", safe=""))
    return found


@dataclass(frozen=True, slots=True)
class Both:
    """The same calls of one PBX followed by ARI and by AMI at once."""

    each: tuple[Following, Following]

    @property
    def pbx(self) -> Pbx:
        return self.each[0].pbx

    def rule(self, *what: Any) -> None:
        for one in self.each:
            one.rule(*what)

    def talk(self, *numbers: str, seconds: float = 0.9) -> None:
        """Wait until there is a call in which just these are recorded, and each was so for as long."""
        each = [one.has_talked(set(numbers), seconds) for one in self.each]
        wait_for(lambda: {is_so() for is_so in each} == {True}, 20)

    def wait_held(self, number: str, *, held: bool = True) -> None:
        for one in self.each:
            one.wait_held(number, held=held)

    def wait_decided(self, rule_name: str) -> None:
        for one in self.each:
            one.wait_decided(rule_name)

    def wait_talking(self) -> None:
        """Until each knows that two talk, whether that is recorded or not."""

        def talk() -> bool:
            return all(
                any(one.view.stretches and not one.view.is_over for one in each.connector.recordings)
                for each in self.each
            )

        wait_for(talk, 20)

    def wait_known(self) -> None:
        """Until each knows of a call."""
        for one in self.each:
            wait_for(lambda one=one: one.connector.recordings, 15)

    def the_sealed(self) -> list[SealedCall]:
        """The one call, as each has sealed it."""
        return [call for one in self.each for call in one.sealed()]

    def sealed(self, count: int) -> list[list[SealedCall]]:
        """The calls by their age, as each has sealed them."""
        return [sorted(one.sealed(count), key=lambda call: call.sealed.opened_at) for one in self.each]

    def begin(self) -> None:
        for one in self.each:
            one.begin()

    def close(self) -> None:
        for one in self.each:
            one.close()


def both_of(pbx: Pbx, folder: Path, pages: Iterable[SetUpPage], quiet_s: float = 60) -> Both:
    ari, ami = (Following(pbx, folder / f"data-{at}", page, quiet_s) for at, page in enumerate(pages))
    return Both((ari, ami))


def _sizes(folder: Path) -> dict[str, int]:
    return {one.name: one.stat().st_size for one in folder.glob("*.rtpdump")}
