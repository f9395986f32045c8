"""Whose a call is and what the rules say of it, asked again whenever who takes part has changed."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from fonoteka.capture import policy_metrics
from fonoteka.capture.sip_headers import NameAddress, SipUri
from fonoteka.capture.sip_message import IncomingRequest
from fonoteka.capture.siprec_parties import Roster
from fonoteka.domain.call import DEFAULT_TENANT_ID, Party
from fonoteka.domain.errors import WireMalformed
from fonoteka.domain.forwarding import is_forwarded_outside
from fonoteka.domain.ports import LiveRecording, Policy
from fonoteka.domain.rules import CallFacts, Decision, RuleOutcome
from fonoteka.domain.sealed import SealedParticipant
from fonoteka.wire.aor import bare_aor, number_of

logger = logging.getLogger(__name__)

NUMBERS_MAX = 200
"""Of a call; a client may name others with each message."""
_STRENGTH = {RuleOutcome.SKIP: 0, RuleOutcome.ON_DEMAND: 1, RuleOutcome.RECORD: 2}


class SiprecRuling:
    """One call's tenant, facts and decision. Not for two threads at a time."""

    def __init__(self, policy: Policy, recording: LiveRecording, invite: IncomingRequest) -> None:
        self._policy = policy
        self._recording = recording
        self._invite = invite
        self._tenant_id = DEFAULT_TENANT_ID
        self._key = ""
        self._calling = ""
        self._seen: dict[str, None] = {}
        self._is_named = False
        self._asked: tuple[str, CallFacts] | None = None
        self._decision: Decision | None = None
        self.is_kept = True
        """Whether the rules want what comes from now on."""

    def ask(self, roster: Roster, *, is_named: bool) -> None:
        """Decide by who takes part; `is_named` when metadata says so, rather than From and To.

        Blocks for the journal when something has changed.
        """
        if is_named and not self._is_named:
            # From and To of a recording session may be the client and we ourselves.
            self._seen.clear()
            self._calling = ""
        self._is_named = is_named
        if not self._take(roster.participants) and self._decision is not None:
            return
        self._key = self._key or roster.communication_session_id or self._invite.call_id
        if self._tenant_id == DEFAULT_TENANT_ID:
            self._tenant_id = self._policy.tenant_of(
                self._invite.flow.host, list(self._domains(roster.participants)), list(self._seen)
            )
        facts = self._policy.facts_of(
            self._tenant_id,
            self._key,
            self._recording.opened_at,
            list(self._seen),
            calling=self._calling,
            forwarded_outside=is_forwarded_outside(
                self._policy, self._tenant_id, self._recording.opened_at, self._calling, self._seen
            ),
        )
        if (self._tenant_id, facts) == self._asked:
            return
        self._asked = (self._tenant_id, facts)
        with self._recording.together():
            self._recording.set_call(
                tenant_id=self._tenant_id,
                direction=facts.direction,
                forwarded_outside=facts.forwarded_outside,
            )
            self._note(self._policy.decide(self._tenant_id, facts))

    def _note(self, decision: Decision) -> None:
        policy_metrics.DECISIONS.labels(decision.outcome).inc()
        logger.info(
            "recording %s: %s by %s",
            self._recording.recording_id,
            decision.outcome,
            "default" if decision.rule_position is None else f"rule {decision.rule_position}",
        )
        before = self._decision
        if decision.refused_because and before is not None:
            return  # it began while there was room, or was refused already
        self.is_kept = decision.outcome is not RuleOutcome.SKIP
        if before is None or _STRENGTH[decision.outcome] >= _STRENGTH[before.outcome]:
            # What was recorded stays recorded by the rule that wanted it.
            self._decision = decision
            self._recording.set_decision(decision)

    def _take(self, participants: Iterable[SealedParticipant]) -> bool:
        """Remember who takes part, in order, the calling one first; whether there was anything new."""
        known, calling = len(self._seen), self._calling
        ordered = sorted(participants, key=lambda one: one.party is not Party.CALLING)
        diverting = (number_of(value) for value in self._invite.values("Diversion"))
        numbers = [one.number for one in ordered]
        if ordered and ordered[0].party is Party.CALLING:
            self._calling = ordered[0].number
            numbers[1:1] = diverting
        for number in numbers:
            if number and len(self._seen) < NUMBERS_MAX:
                self._seen.setdefault(number)
        return len(self._seen) > known or self._calling != calling

    def _domains(self, participants: Sequence[SealedParticipant]) -> Iterable[str]:
        """Host names that may name the tenant: what was asked for, who asked, who takes part."""
        invite = self._invite
        yield _host(str(invite.message.uri))
        for value in (invite.to_value, invite.from_value):
            yield _host(NameAddress.parse(value).uri)
        for one in participants[:NUMBERS_MAX]:
            yield _host(one.aor)


def _host(uri: str) -> str:
    """The host of a URI or of `user@host`; empty when there is none."""
    try:
        return SipUri.parse(bare_aor(uri)).host
    except WireMalformed:
        return uri.rpartition("@")[2] if "@" in uri else ""
