"""Ports to listen on: whether they are free, and another where they are not."""

from __future__ import annotations

import socket
from collections.abc import Iterable

from fonoteka.domain.errors import AddressInUse

_KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}


def is_free(host: str, port: int, kinds: Iterable[str]) -> bool:
    """Whether this process could listen on the address now."""
    try:
        for kind in kinds:
            _try(host, port, kind)
    except OSError:
        return False
    return True


def check_free(host: str, port: int, option: str, kinds: Iterable[str]) -> None:
    """Raise `AddressInUse`, saying what to do, when the address cannot be listened on."""
    for kind in kinds:
        try:
            _try(host, port, kind)
        except OSError as error:
            raise AddressInUse(
                f"{host}:{port}/{kind} cannot be used ({error.strerror}): "
                f"end the program that holds it, or name another address with {option}."
            ) from error


def free_port(host: str, wanted: int, kinds: tuple[str, ...]) -> int:
    """`wanted` if it is free for all `kinds`, else the next free one above it."""
    for port in range(wanted, 65536):
        if is_free(host, port, kinds):
            return port
    raise AddressInUse(f"No port above {wanted} is free on {host}.")


def _try(host: str, port: int, kind: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, _KINDS[kind]) as probe:
        if kind == "tcp":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
