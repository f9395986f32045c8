"""Nobody hears what is not theirs: who sees some calls alone, and who sees no numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fonoteka.archive import (
    Archive,
    AudioFormat,
    AudioPurpose,
    bin_recording,
    count_calls,
    find_calls,
    get_call,
    get_recording,
    ledger_shares,
    live_calls,
    neighbours,
    open_audio,
    read_peaks,
    register_call,
)
from fonoteka.archive.visibility import masked, numbers_of
from fonoteka.domain.access import Actor, ActorKind, Permission, Role, may
from fonoteka.domain.call import Call, Participant, Party
from fonoteka.domain.errors import AccessDenied, CallNotFound, RecordingNotFound
from fonoteka.domain.query import CallQuery
from fonoteka.store import Store
from tests.examples import NOON, call, people
from tests.live_calls import LiveCalls, live_call

NUMBERS = ("101", "102", "103", "+79161234567", "")


def agent(*extensions: str, role: Role = Role.AGENT) -> Actor:
    return Actor(ActorKind.USER, "agent", "Agent", "default", role, extensions=frozenset(extensions))


def between(archive: Archive, calling: str, called: str) -> Call:
    made = call(participants=people(calling, called, calling_name="Иван +7 916 123-45-67"))
    register_call(archive, made)
    return made


def ids(archive: Archive, actor: Actor, query: CallQuery | None = None) -> set[str]:
    return {one.id for one in find_calls(archive, actor, query or CallQuery(), None, 200).items}


def test_calls_of_others_do_not_exist(archive: Archive) -> None:
    mine, theirs = between(archive, "101", "+79161234567"), between(archive, "102", "+79161234567")
    who = agent("101")
    assert ids(archive, who) == {mine.id}
    assert count_calls(archive, who, CallQuery()).calls == 1
    assert count_calls(archive, who, CallQuery(number="9161234567")).calls == 1
    assert ids(archive, who, CallQuery(reach=None, number="102")) == set()
    assert get_call(archive, who, mine.id).id == mine.id
    assert neighbours(archive, who, mine.id, CallQuery()) == (None, None)
    with pytest.raises(CallNotFound):
        get_call(archive, who, theirs.id)
    (recording,) = theirs.recordings
    for ask in (
        lambda: get_recording(archive, who, recording.id),
        lambda: read_peaks(archive, who, recording.id),
        lambda: open_audio(archive, who, recording.id, AudioFormat.OPUS, AudioPurpose.LISTEN),
        lambda: bin_recording(archive, replace(who, role=Role.SUPERVISOR), recording.id),
    ):
        with pytest.raises(RecordingNotFound):
            ask()


def test_nobodys_calls_are_seen_by_who_has_no_extension(archive: Archive) -> None:
    between(archive, "101", "102")
    assert ids(archive, agent()) == set()
    assert count_calls(archive, agent(), CallQuery()).calls == 0


def test_what_is_the_whole_tenants_is_not_for_who_sees_some_calls(archive: Archive) -> None:
    for who in (agent("101"), agent("101", role=Role.SUPERVISOR), agent("101", role=Role.OWNER)):
        with pytest.raises(AccessDenied):
            ledger_shares(archive, who, NOON, NOON)


def test_numbers_are_masked_and_cannot_be_felt_for(archive: Archive) -> None:
    made = between(archive, "101", "+79161234567")
    who = Actor(ActorKind.USER, "q", "Quality", "default", Role.QUALITY)
    (listed,) = find_calls(archive, who, CallQuery()).items
    assert listed == get_call(archive, who, made.id)
    assert [one.number for one in listed.participants] == ["101", "+7916•••••67"]
    assert listed.participants[0].name == "Иван +7916•••••67"
    assert "1234567" not in repr(listed.participants)
    for part, count in (
        ("916", 0),
        ("12345", 0),
        ("7916123456", 0),
        ("+7 916 123-45-67", 1),
        ("8 (916) 123 45 67", 1),
        ("101", 1),
        ("Иван", 1),
        ("иван +7 916 123", 0),
    ):
        assert count_calls(archive, who, CallQuery(number=part)).calls == count, part


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("", ""),
        ("101", "101"),
        ("12345", "12345"),
        ("123456", "1•••56"),
        ("+7 (916) 123-45-67", "+7916•••••67"),
        ("anonymous", "anonymous"),
        ("101;ext=79161234567", "101;ext=7916•••••67"),
    ],
)
def test_masks(number: str, shown: str) -> None:
    one = masked(Participant("p", Party.CALLED, number, number, f"sip:{number}@pbx"))
    assert (one.number, one.name) == (shown, shown)
    assert one.aor == (f"sip:{number}@pbx" if shown == number else "")


def test_live_calls_of_others_are_not_shown() -> None:
    live = LiveCalls()
    live.now = [live_call("101", "+79161234567"), live_call("102", "+79161234567")]
    assert [one.participants[0].number for one in live_calls(live, agent("102"))] == ["102"]
    (shown,) = live_calls(live, agent("102", role=Role.QUALITY))
    assert shown.participants[1].number == "+7916•••••67"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    calls=st.lists(st.tuples(st.sampled_from(NUMBERS), st.sampled_from(NUMBERS)), max_size=6),
    reach=st.none() | st.frozensets(st.sampled_from(NUMBERS[:-1])),
)
def test_the_database_and_may_say_the_same(
    store: Store, archive: Archive, calls: list[tuple[str, str]], reach: frozenset[str] | None
) -> None:
    who = Actor(ActorKind.USER, "u", "U", "default", Role.SUPERVISOR, extensions=reach)
    made = [between(archive, *pair) for pair in calls]
    allowed = {one.id for one in made if may(who, Permission.CALL_SEE, "default", numbers_of(one))}
    assert ids(archive, who) & {one.id for one in made} == allowed
    with store.transaction() as tx:
        for one in made:
            tx.calls.set_outcome(one.id, one.outcome.MISSED, "")  # out of the list of the next example
