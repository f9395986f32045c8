"""ARI's events read: dial strings, what is a party, what is no event."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonoteka.connectors.asterisk.ari_events import read_bridges, read_channels, read_event
from fonoteka.connectors.asterisk.events import (
    Channel,
    Dialed,
    Entered,
)
from fonoteka.domain.errors import WireMalformed


@pytest.mark.parametrize(
    ("dial_string", "number"),
    [
        ("79161112233@provider", "79161112233"),
        ("provider/79161112233", "79161112233"),
        ("provider/sip:+79161112233@sip.example", "+79161112233"),
        ("g1/89161112233", "89161112233"),
        ("101/sip:101-0x5589@10.0.0.7:36204", "101"),
        ("Local/102@agents", "102"),
        ("reception", ""),
        ("", ""),
    ],
)
def test_number_of_a_dial_string(dial_string: str, number: str) -> None:
    peer = {"id": "1.2", "name": "PJSIP/provider-00000001"}
    event = read_event(json.dumps({"type": "Dial", "dialstring": dial_string, "peer": peer}))
    assert isinstance(event, Dialed)
    assert event.number == number


@pytest.mark.parametrize(
    ("name", "is_party", "endpoint"),
    [
        ("PJSIP/101-0000000b", True, "101"),
        ("PJSIP/my-provider-0000000b", True, "my-provider"),
        ("SIP/101-0000000b", True, "101"),
        ("DAHDI/i1/79161112233-5", True, "i1/79161112233"),
        ("Local/102@agents-00000000;1", False, "102@agents"),
        ("Snoop/1795356056.0-00000000", False, "1795356056.0"),
        ("UnicastRTP/127.0.0.1:20000-0x7f", False, "127.0.0.1:20000"),
        ("PJSIP/101-0000000b<ZOMBIE>", False, "101"),
    ],
)
def test_who_may_be_at_a_channel(name: str, is_party: bool, endpoint: str) -> None:
    channel = Channel("1.1", name)
    assert channel.is_party is is_party
    assert channel.endpoint == endpoint


def test_a_parking_lot_is_no_conversation() -> None:
    channel = {"id": "1.1", "name": "PJSIP/101-1"}
    bridge = {"id": "b", "bridge_type": "holding", "channels": ["1.1"]}
    value = {"type": "ChannelEnteredBridge", "channel": channel, "bridge": bridge}
    assert read_event(json.dumps(value)) is None
    value["bridge"] = {**bridge, "bridge_type": "mixing"}
    assert isinstance(read_event(json.dumps(value)), Entered)


def test_what_we_have_no_use_for_is_none() -> None:
    assert read_event('{"type": "PeerStatusChange", "endpoint": {}}') is None
    assert read_event('{"type": "SomethingNew", "channel": {"id": "1", "name": "PJSIP/1-1"}}') is None


@pytest.mark.parametrize("text", ["", "[]", "{", '{"type": "ChannelCreated", "channel": {}}', "[" * 100_000])
def test_what_is_no_event_is_refused(text: str) -> None:
    with pytest.raises(WireMalformed):
        read_event(text)


def test_whoever_calls_comes_first_even_within_a_millisecond() -> None:
    at = "2026-11-30T06:56:12.746+0000"
    listed = [
        {"id": id_, "name": name, "creationtime": at}
        for id_, name in (
            ("pbx-1764485772.10", "PJSIP/102-0000000b"),
            ("pbx-1764485772.9", "PJSIP/101-0000000a"),
        )
    ]
    assert [one.name for one in read_channels(listed)] == ["PJSIP/101-0000000a", "PJSIP/102-0000000b"]
    listed[0]["creationtime"] = "2026-11-30T06:56:12.745+0000"
    assert [one.name for one in read_channels(listed)] == ["PJSIP/102-0000000b", "PJSIP/101-0000000a"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "channel", "bridge", "id", "name", "channels"]), inner)
    ),
)


@given(JSON)
def test_any_json_is_an_event_or_refused(value: object) -> None:
    for read in (
        lambda: read_event(json.dumps(value)),
        lambda: read_channels(value),
        lambda: read_bridges(value),
    ):
        try:
            read()
        except WireMalformed:
            continue
