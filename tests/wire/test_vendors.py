"""Each client of the field by a message of its shape: who speaks, under which number, in which stream."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from fonoteka.wire.parties import numbers, parties, senders
from tests.wire.examples import NAMES, datagram, file_bytes, opened


@dataclass(frozen=True)
class Expected:
    """`people`: number, name, part; `streams`: label of the m-line → numbers of those heard in it."""

    people: tuple[tuple[str, str, str | None], ...]
    streams: dict[str | None, tuple[str, ...]]
    directions: tuple[str, ...]
    encodings: tuple[str, ...] = ("PCMU",)
    """First codec of the first m-line first."""


PLAIN = ("sendonly", "sendonly")

EXPECTED = {
    "opensips": Expected(
        (("2001", "Иванова Анна", "calling"), ("+74951234567", "+74951234567", "called")),
        {"0": ("+74951234567",), "1": ("2001",)},
        PLAIN,
        ("PCMA", "TELEPHONE-EVENT"),
    ),
    "sems": Expected(
        (("310", "", "calling"), ("88001234567", "", "called")),
        {"1": ("310",), "2": ("88001234567",)},
        PLAIN,
    ),
    "jambonz": Expected(
        (("+15550100", "+15550100", "calling"), ("+15550199", "+15550199", "called")),
        {"1": ("+15550100",), "2": ("+15550199",)},
        PLAIN,
        ("PCMU", "TELEPHONE-EVENT"),
    ),
    "drachtio_client": Expected(
        (("700", "Reception", "calling"), ("701", "", "called")),
        {None: ()},
        PLAIN,
        ("PCMU", "TELEPHONE-EVENT"),
    ),
    "mod_siprec": Expected(
        (("1000", "Alice & Co", "calling"), ("1001", "Bob", "called")),
        {"1": ("1000", "1001")},
        ("sendonly",),
        ("PCMA",),
    ),
    "cube": Expected(
        (("7301", "", "calling"), ("7300", "Front Desk", "called")),
        {"1": ("7301",), "2": ("7300",)},
        ("inactive", "inactive"),
        ("PCMU", "TELEPHONE-EVENT", "CN"),
    ),
    "avaya_sbce": Expected(
        (("13035550101", "", "calling"), ("dummy", "", "called")),
        {"10": ("13035550101",)},
        ("sendonly",),
        ("PCMU", "PCMA", "G729", "TELEPHONE-EVENT"),
    ),
    "oracle": Expected(
        (("8885550133", "SUPPORT LINE", "called"), ("5135550144", "5135550144", "calling")),
        {"553654187": ("8885550133",), "553654188": ("5135550144",)},
        PLAIN,
    ),
    "broadworks": Expected(
        (("8105", "", "called"), ("7202", "", "calling")),
        {"1": ("8105", "7202")},
        ("sendonly",),
        ("PCMA",),
    ),
    "webex": Expected(
        (("+12105550145", "", "calling"), ("7733", "", "called")),
        {"1": ("+12105550145",), "2": ("7733",)},
        PLAIN,
        ("OPUS", "TELEPHONE-EVENT", "PCMU", "PCMA", "G722", "TELEPHONE-EVENT"),
    ),
    "metaswitch": Expected(
        (("7605550110", "7605550110", "called"), ("7605550111", "7605550111", "calling")),
        {"1": ("7605550110", "7605550111")},
        ("sendrecv",),
        ("G722", "PCMU", "PCMA", "G726-32", "TELEPHONE-EVENT"),
    ),
    "ribbon": Expected(
        (("2245558500", "Extension 8500", "calling"), ("2245558012", "", "called")),
        {"1": ("2245558012",), "2": ("2245558500",)},
        PLAIN,
    ),
    "audiocodes": Expected(
        (("401", "", "calling"), ("402", "", "called")),
        {"1": ("401",), "2": ("402",)},
        PLAIN,
        ("OPUS", "TELEPHONE-EVENT"),
    ),
    "netsapiens": Expected(
        (("1006", "Olga K", "called"), ("1001", "Denis M", "calling")),
        {"1": ("1001",), "2": ("1006",)},
        PLAIN,
    ),
    "procomm": Expected(
        (
            ("016550200", "016550200", "calling"),
            ("Extension-016550619", "Main-Line 016550619", "called"),
        ),
        {"a_leg": ("016550200",), "b_leg": ("Extension-016550619",)},
        PLAIN,
        ("PCMA",),
    ),
    "connectel": Expected(
        (("0771555012", "test_user", "calling"), ("0760555036", "", "called")),
        {"1": ("0771555012",), "2": ("0760555036",)},
        PLAIN,
        ("PCMU", "PCMA", "GSM", "TELEPHONE-EVENT"),
    ),
}

WITHOUT_METADATA = {"cisco_bib", "cisco_nbr"}
UPDATES = {"avaya_sbce_update"}


def test_every_example_is_expected_somewhere() -> None:
    assert set(NAMES) == set(EXPECTED) | WITHOUT_METADATA | UPDATES


@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"], ids=["crlf", "lf"])
@pytest.mark.parametrize("name", EXPECTED)
def test_client(name: str, line_end: bytes) -> None:
    expected = EXPECTED[name]
    found = opened(file_bytes(f"{name}.sip").replace(b"\n", line_end))
    assert found.sdp is not None
    assert found.metadata is not None
    metadata = found.metadata
    number = numbers(metadata)
    people = tuple(
        (number[one.id], one.name, party)
        for one, (_, party) in zip(metadata.participants, parties(metadata), strict=True)
    )
    assert people == expected.people
    media = found.sdp.media
    assert {one.label for one in media} == set(expected.streams)
    heard = {one.label: tuple(map(number.get, senders(metadata, one.label or ""))) for one in media}
    assert heard == expected.streams
    assert tuple(one.effective_direction(found.sdp) for one in media) == expected.directions
    first = media[0]
    assert tuple(first.formats[one].encoding for one in first.payload_types) == expected.encodings
    assert all(one.session_id for one in metadata.streams)
    assert metadata.session_id
    assert metadata.datamode == "complete"


def test_cisco_built_in_bridge_offers_nothing() -> None:
    found = opened(datagram("cisco_bib"))
    assert (found.sdp, found.metadata, found.message.body) == (None, None, b"")
    near_end = found.message.from_address
    assert near_end.uri.user == "7007"
    assert near_end.uri.parameters["x-nearend"] is None
    assert near_end.uri.parameters["x-farendaddr"] == "15550123"
    assert found.message.headers["Session-Expires"] == "1800"


def test_cisco_network_based_recording_has_plain_sdp() -> None:
    found = opened(datagram("cisco_nbr"))
    assert found.metadata is None
    assert found.sdp is not None
    assert [one.label for one in found.sdp.media] == [None]
    recorded = found.message.headers.getlist("X-Cisco-Recording-Participant")
    assert [value.partition(";")[0] for value in recorded] == [
        "sip:7008@192.0.2.74",
        "sip:15550124@192.0.2.75",
    ]


def test_avaya_update_replaces_the_dummy_party() -> None:
    found = opened(datagram("avaya_sbce_update"))
    assert found.sdp is None
    assert found.metadata is not None
    assert numbers(found.metadata) == {
        "b536ff63b7f3643d4d7b": "13035550101",
        "6add855be46c6970e8fd": "72045550102",
    }
    assert senders(found.metadata, "20") == ("6add855be46c6970e8fd",)


def test_vendor_fields_are_kept() -> None:
    def vendor(name: str) -> dict[str, str]:
        metadata = opened(datagram(name)).metadata
        assert metadata is not None
        return metadata.vendor

    assert vendor("jambonz")["callsid"] == "ca11-51d-0001"
    assert vendor("jambonz")["direction"] == "inbound"
    assert vendor("jambonz")["carrier"] == "Trunk & Sons"
    assert vendor("oracle")["ucid"] == "00FA0800012CAB553FA9ED;encoding=hex"
    assert vendor("ribbon")["callData.gcid"] == "241205267"
    broadworks = vendor("broadworks")
    assert broadworks["broadWorksRecordingMetadata.extTrackingID"] == "tracking-1:1"
    redirect = "broadWorksRecordingMetadata.callType.termCall.redirectInfo.origCalledNumber"
    assert broadworks[redirect] == "sip:+18605550150@192.0.2.102"
    netsapiens = vendor("netsapiens")
    assert netsapiens["netsapiensExtension.groupSeq"] == "1"
    assert netsapiens["netsapiensExtension.user.site"] == "North"
    assert netsapiens["netsapiensExtension.xferredGroupID"] == "5ed0-group"
    oracle = opened(datagram("oracle")).metadata
    assert oracle is not None
    assert oracle.participants[0].vendor == {
        "callingParty": "false",
        "request-uri": "sip:8885550133@192.0.2.92",
        "in-realm": "core",
    }
    audiocodes = opened(datagram("audiocodes")).metadata
    assert audiocodes is not None
    assert audiocodes.participants[0].vendor == {"AvayaUCID": "FA080030C4E34B5B9E59"}


@pytest.mark.parametrize(
    ("name", "session_ids"),
    [
        ("opensips", ("7d1f0e@192.0.2.77",)),
        ("cube", ("e9fffff2020a598b86962867715db0cf;remote=cd0f7093d62c5f0697098fd69a4aa57b",)),
        ("mod_siprec", ()),
    ],
)
def test_original_call_ids(name: str, session_ids: tuple[str, ...]) -> None:
    metadata = opened(datagram(name)).metadata
    assert metadata is not None
    assert metadata.sip_session_ids == session_ids


@pytest.mark.parametrize(
    ("name", "group_id"),
    [
        ("netsapiens", "58cc-group"),
        ("broadworks", "urn:uuid:00000000-bbbb-4000-8000-000000000002"),
        ("webex", "urn:uuid:00000000-cccc-4000-8000-000000000002"),
        ("ribbon", "cmliYm9uLWdyb3Vw"),
        ("sems", ""),
    ],
)
def test_group_joins_sessions_of_one_call(name: str, group_id: str) -> None:
    metadata = opened(datagram(name)).metadata
    assert metadata is not None
    assert metadata.group_id == group_id
