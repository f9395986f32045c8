"""The pairs of UDP ports that streams are received on: RTP on the even one, RTCP on the next."""

from __future__ import annotations

import errno
import socket
from contextlib import suppress
from dataclasses import dataclass

from fonoteka.domain.errors import PortsExhausted

RECEIVE_BUFFER_BYTES = 512 * 1024
"""Holds ten seconds of a G.711 stream while the disk, the machine or the media process is held up."""

_SO_RCVBUFFORCE = 33
_TAKEN = {errno.EADDRINUSE, errno.EACCES}


@dataclass(frozen=True, slots=True)
class PortPair:
    """Two bound sockets; `port` is that of RTP."""

    port: int
    rtp: socket.socket
    rtcp: socket.socket

    @property
    def sockets(self) -> tuple[socket.socket, socket.socket]:
        """Both, RTP first."""
        return self.rtp, self.rtcp


class MediaPorts:
    """Hands out pairs in turn, so that a port rests as long as possible before the next call gets it."""

    def __init__(self, host: str, port_min: int, port_max: int) -> None:
        """`host` is the address to bind; both ports of a pair lie within the range, ends included."""
        self.host = host
        self._pairs = range(port_min + port_min % 2, port_max, 2)
        self._next = 0
        self._ours: set[int] = set()

    def bind(self) -> PortPair:
        """Bind the next free pair; ports that others use are passed over.

        Raises `PortsExhausted` when none is free, OSError when the address is not one of this machine.
        """
        for _ in self._pairs:
            port = self._pairs[self._next]
            self._next = (self._next + 1) % len(self._pairs)
            pair = None if port in self._ours else self._try(port)
            if pair is not None:
                self._ours.add(port)
                return pair
        raise PortsExhausted

    def release(self, pair: PortPair) -> None:
        """Close a pair; its turn comes again."""
        self._ours.discard(pair.port)
        for one in pair.sockets:
            one.close()

    def _try(self, port: int) -> PortPair | None:
        bound: list[socket.socket] = []
        try:
            for number in (port, port + 1):
                bound.append(_socket(self.host))
                bound[-1].bind((self.host, number))
        except OSError as error:
            for one in bound:
                one.close()
            if error.errno in _TAKEN:
                return None
            raise
        return PortPair(port, *bound)


def _socket(host: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    one = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
    with suppress(PermissionError):
        # Above net.core.rmem_max, where CAP_NET_ADMIN allows it.
        one.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, RECEIVE_BUFFER_BYTES)
    return one
