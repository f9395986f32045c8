"""INVITEs in the manner of real recording clients, each recorded with the right parties."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest

from fonoteka.domain.call import Party
from fonoteka.domain.sealed import SealedRecording
from tests.capture.running import running
from tests.capture.sip_client import METADATA, SDP, Message, crlf

CALLING, CALLED = Party.CALLING, Party.CALLED
SDP_PART = f"Content-Type: application/sdp\r\n\r\n{crlf(SDP)}"
XML_PART = (
    f"Content-Type: application/rs-metadata+xml\r\nContent-Disposition: recording-session\r\n\r\n{METADATA}"
)
OLD = METADATA.replace("recording:1", "recording").replace("datamode", "dataMode")
PREFIXED = (
    METADATA.replace("</", "</tns:").replace("<", "<tns:").replace("<tns:/tns:", "</tns:")
    .replace("<tns:?xml", "<?xml").replace("xmlns=", "xmlns:tns=")
)  # fmt: skip
ONE_LINE = """v=0
o=- 0 0 IN IP4 127.0.0.1
s=-
t=0 0
m=audio 40000 RTP/AVP 8 0 2 18
c=IN IP4 127.0.0.1
"""
BOTH_ON_ONE = METADATA.replace("<send>s-2</send>", "<send>s-1</send>").replace("<label>1</label>", "")
SECURE_FIRST = SDP.replace("40000 RTP/AVP", "40000 RTP/SAVP")


@dataclass(frozen=True)
class Dialect:
    """What a client sends, and who must be heard on the streams that are recorded."""

    body: str
    heard: tuple[Party | None, ...] = (CALLING, CALLED)
    content_type: str = "multipart/mixed;boundary=uniq"
    require: str = "siprec"
    contact_tail: str = ";+sip.src"
    accepted: tuple[bool, ...] = (True, True)


def multipart(*parts: str, end: str = "\r\n--uniq--\r\n") -> str:
    return "".join(f"\r\n--uniq\r\n{part}" for part in parts) + end


DIALECTS = {
    "the standard": Dialect(multipart(SDP_PART, XML_PART)),
    "metadata first": Dialect(multipart(XML_PART, SDP_PART)),
    "plain rs-metadata with parameters": Dialect(
        multipart(SDP_PART, XML_PART.replace("rs-metadata+xml", "rs-metadata;charset=utf-8"))
    ),
    "application/xml without disposition": Dialect(
        multipart(SDP_PART, f"Content-Type:application/xml\r\n\r\n{METADATA}")
    ),
    "a third part": Dialect(
        multipart(
            SDP_PART,
            "Content-Type: application/gtd\r\nContent-Disposition: signal;handling=optional\r\n\r\nIAM,",
            XML_PART,
        )
    ),
    "other XML before the metadata": Dialect(
        multipart("Content-Type: application/xml\r\n\r\n<presence/>", SDP_PART, XML_PART)
    ),
    "other XML before metadata that is only XML": Dialect(
        multipart(
            "Content-Type: application/xml\r\n\r\n<presence/>",
            SDP_PART,
            XML_PART.replace("application/rs-metadata+xml", "application/xml"),
        )
    ),
    "closing delimiter missing": Dialect(multipart(SDP_PART, XML_PART, end="")),
    "blanks after boundaries": Dialect(
        "\r\n\r\n" + multipart(SDP_PART, XML_PART, end="\r\n--uniq--  ").replace("--uniq\r\n", "--uniq \r\n"),
        content_type='multipart/mixed; boundary="uniq" ',
    ),
    "line feeds only": Dialect(multipart(SDP_PART, XML_PART).replace("\r\n", "\n")),
    "only ;src in the contact": Dialect(multipart(SDP_PART, XML_PART), require="", contact_tail=";src"),
    "only the multipart": Dialect(multipart(SDP_PART, XML_PART), require="", contact_tail=""),
    "the old namespace": Dialect(multipart(SDP_PART, XML_PART.replace(METADATA, OLD))),
    "prefixed elements": Dialect(multipart(SDP_PART, XML_PART.replace(METADATA, PREFIXED))),
    "an unescaped ampersand": Dialect(
        multipart(SDP_PART, XML_PART.replace("sip:101@pbx.test", "sip:101@pbx.test?a=1&b=2"))
    ),
    "labels that are words": Dialect(
        multipart(SDP_PART, XML_PART)
        .replace("label:1", "label:a_leg").replace("<label>1", "<label>a_leg")
        .replace("label:2", "label:0").replace("<label>2", "<label>0")
    ),
    "label 1 is the called one": Dialect(
        multipart(SDP_PART, XML_PART.replace("<label>1", "<label>X").replace("<label>2", "<label>1")
        .replace("<label>X", "<label>2")),
        heard=(CALLED, CALLING),
    ),
    "one line carries both": Dialect(
        multipart(SDP_PART.replace(crlf(SDP), crlf(ONE_LINE)), XML_PART.replace(METADATA, BOTH_ON_ONE)),
        heard=(None,),
        accepted=(True,),
    ),
    "entities instead of metadata": Dialect(
        multipart(
            SDP_PART,
            XML_PART.replace('<recording xmlns', '<!DOCTYPE r [<!ENTITY a "aaaa">]><recording xmlns', 1)
            .replace("Anna", "&a;&a;"),
        )
    ),
    "an encrypted line beside a plain one": Dialect(
        multipart(SDP_PART.replace(crlf(SDP), crlf(SECURE_FIRST)), XML_PART),
        heard=(CALLED,),
        accepted=(False, True),
    ),
    "starts inactive": Dialect(multipart(SDP_PART.replace("sendonly", "inactive"), XML_PART)),
}  # fmt: skip


@pytest.mark.parametrize("name", DIALECTS)
def test_dialect(tmp_path: Path, name: str) -> None:
    dialect = DIALECTS[name]

    async def story() -> tuple[Message, SealedRecording]:
        async with running(tmp_path) as run:
            client = await run.client()
            client.contact = client.contact.removesuffix(";+sip.src") + dialect.contact_tail
            body = dialect.body.encode()
            response = await client.invite(dialect.content_type, body, require=dialect.require)
            assert (await client.ask("BYE")).code == 200
            (sealed,) = await run.sealed()
            return response, sealed

    response, sealed = asyncio.run(story())
    assert [port != 0 for port in response.ports] == list(dialect.accepted)
    # Metadata with entities is refused, so From and To count.
    numbers = ["src", "srs"] if name.startswith("entities") else ["101", "+74951234567"]
    assert [one.number for one in sealed.participants] == numbers
    assert [one.party for one in sealed.streams] == list(dialect.heard)
