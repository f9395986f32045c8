"""What to do when a recording server does not take a call."""

from __future__ import annotations

import errno
import os

MEDIA_PORT_CLOSED = "It answered, but its media ports are closed: look into its log, and at its port range."
ENDED_EARLY = "It ended the call before we did: look into its log."

_STATUS = {
    400: "It calls our message malformed: look into its log.",
    401: "It asks for a password, which this client does not have: let this machine's address in.",
    403: "It forbids the call: let this machine's address in.",
    404: "It knows no such recording service: check the user part and the host of --srs.",
    405: "It takes no INVITE: check that --srs names a recording server.",
    407: "A proxy asks for a password: name the recording server itself with --srs.",
    408: "Check address, port and transport of --srs, and that a firewall lets SIP through both ways.",
    415: "It does not take multipart bodies, so it is no SIPREC server.",
    420: "It does not know SIPREC (Require: siprec): check that --srs names a recording server.",
    480: "It is not ready for calls now: look into its log.",
    486: "It is busy: fewer calls with --parallel, or raise its limit.",
    488: "It takes none of the offered media: try another --codec.",
    503: "It has no capacity now: fewer calls with --parallel, or look into its log (ports, disk).",
    603: "It declines: its rules may say not to record this call.",
}
_ERRNO = {
    errno.ECONNREFUSED: "Nothing listens there: start the server, or check port and --transport.",
    errno.EHOSTUNREACH: "There is no way to that host: check the address and the network.",
    errno.ENETUNREACH: "There is no way to that network: check the address and the network.",
    errno.ETIMEDOUT: "The host does not answer: check address, port and firewall.",
    errno.EMSGSIZE: "The message does not fit a datagram: try --transport tcp.",
    errno.EMFILE: "This process may not open more sockets: raise `ulimit -n`, or lower --parallel.",
}


def advice_for_status(status: int) -> str:
    """What to do about a SIP status that is not a success."""
    if 300 <= status < 400:
        return "It redirects: name the server that it points to with --srs."
    general = (
        "Look into the server's log." if status >= 500 else "Check --srs, and look into the server's log."
    )
    return _STATUS.get(status, general)


def reason_of(error: OSError) -> str:
    """What went wrong in the system's own short words; libraries word the same error in many ways."""
    return os.strerror(error.errno) if error.errno else str(error) or "it took too long"


def advice_for_error(error: OSError) -> str:
    """What to do about an error of the network."""
    if isinstance(error, TimeoutError):
        return _ERRNO[errno.ETIMEDOUT]
    return _ERRNO.get(error.errno or 0, "Check --srs, and that the server is up.")
