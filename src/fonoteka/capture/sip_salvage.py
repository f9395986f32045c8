"""The answer to a request that cannot be parsed (RFC 3261 §8.2, RFC 4475 §3.1.2): 400, 413 or 505 if at all.

Only what a response copies is looked for, line by line; nothing of the message is believed.
"""

from __future__ import annotations

import re

from fonoteka.capture.sip_headers import Via
from fonoteka.capture.sip_message import PHRASES, SERVER, Flow, list_values, render, reply_flow_by
from fonoteka.domain.errors import WireMalformed
from fonoteka.wire.sip import BODY_BYTES_MAX

HEAD_BYTES_MAX = 16 * 1024
_START = re.compile(r"([A-Za-z]{3,20})\s+\S.*?\s+(SIP/\d{1,3}\.\d{1,3})", re.I | re.S)
_LENGTH = re.compile(rb"^(?:content-length|l)[ \t]*:[ \t]*([0-9]{1,15})", re.I | re.M)
_COPIED = {"v": "Via", "f": "From", "t": "To", "i": "Call-ID", "cseq": "CSeq"}
_COPIED |= {name.lower(): name for name in _COPIED.values()}


def refuse_malformed(data: bytes, flow: Flow) -> tuple[bytes, Flow] | None:
    """A response and where it goes; None when the bytes are no request or lack what a response needs.

    ACK is never answered (RFC 3261 §17.1.1.3), nor is a response.
    """
    head = re.split(rb"\r?\n\r?\n", data[:HEAD_BYTES_MAX].lstrip(b"\r\n"), maxsplit=1)[0]
    start, *lines = re.split(r"\r?\n", head.decode("latin-1"))
    request = _START.fullmatch(start.strip())
    if request is None or request[1].upper() == "ACK":
        return None
    found: dict[str, list[str]] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if colon and (full := _COPIED.get(name.strip().lower())):
            found.setdefault(full, []).append(value.strip())
    if any(not found.get(name) for name in ("Via", "From", "To", "Call-ID", "CSeq")):
        return None
    vias = list_values(found["Via"])
    try:
        via = Via.parse(vias[0]).received_from(flow.host, flow.port)
    except (WireMalformed, IndexError):
        return None
    status = 505 if request[2].upper() != "SIP/2.0" else 413 if _is_too_long(data) else 400
    to = found["To"][0] if "tag=" in found["To"][0].lower() else f"{found['To'][0]};tag=malformed"
    copied = [
        ("Via", str(via)),
        *(("Via", value) for value in vias[1:]),
        ("From", found["From"][0]),
        ("To", to),
    ]
    copied += [("Call-ID", found["Call-ID"][0]), ("CSeq", found["CSeq"][0]), ("Server", SERVER)]
    return render(f"SIP/2.0 {status} {PHRASES[status]}", copied, "", b""), reply_flow_by(flow, via)


def _is_too_long(data: bytes) -> bool:
    announced = _LENGTH.search(data[:HEAD_BYTES_MAX])
    return announced is not None and int(announced[1]) > BODY_BYTES_MAX
