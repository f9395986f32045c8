"""The media process: receives every stream's packets and writes them to the spool.

`python -m fonoteka.capture.media_process --control FD --sync-s SECONDS`, started by `media.MediaProcess`
alone. It knows nothing of calls. When the control socket closes, the recorder has ended or died: then it
writes and syncs everything and exits by itself; signals that a terminal or a service manager sends to
the whole group are left to the recorder.
"""

from __future__ import annotations

import argparse
import gc
import logging
import resource
import select
import signal
import socket
import sys
from contextlib import suppress

from fonoteka.capture.media_protocol import (
    MESSAGE_BYTES_MAX,
    SOCKETS_PER_STREAM,
    CloseStream,
    KeepPackets,
    OpenStream,
    decode,
    encode,
)
from fonoteka.capture.receiver import Receiver


def main(arguments: list[str] | None = None) -> int:
    """Run until the control socket closes."""
    parser = argparse.ArgumentParser(prog="fonoteka.capture.media_process")
    parser.add_argument("--control", type=int, required=True, help="descriptor of the control socket")
    parser.add_argument("--sync-s", type=float, required=True, help="seconds between two fdatasync")
    given = parser.parse_args(arguments)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    raise_descriptor_limit()
    # Nothing here makes cycles, and each collection would look at every packet in memory.
    gc.disable()
    control = socket.socket(fileno=given.control)
    control.setblocking(False)
    receiver = Receiver(given.sync_s)
    try:
        _serve(control, receiver)
    finally:
        receiver.finish()
    return 0


def raise_descriptor_limit() -> None:
    """Three descriptors a stream: take as many as the system gives."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _serve(control: socket.socket, receiver: Receiver) -> None:
    readable = select.poll()
    readable.register(control, select.POLLIN)
    while True:
        while readable.poll(receiver.due_in_ms()):
            if not _take_request(control, receiver):
                return
            if not receiver.due_in_ms():
                break
            if not readable.poll(0):
                _send_answers(control, receiver)
        receiver.run_tick()
        _send_answers(control, receiver)


def _take_request(control: socket.socket, receiver: Receiver) -> bool:
    """Carry out one request; False when the recorder is gone."""
    try:
        data, descriptors, _, _ = socket.recv_fds(control, MESSAGE_BYTES_MAX, SOCKETS_PER_STREAM)
    except OSError:
        return False
    if not data:
        return False
    sockets = tuple(socket.socket(fileno=descriptor) for descriptor in descriptors)
    request = decode(data)
    match request:
        case OpenStream():
            receiver.open(request, sockets)
        case KeepPackets():
            receiver.keep(request)
        case CloseStream():
            receiver.close(request)
        case _:
            raise ValueError(f"not a request: {type(request).__name__}")
    return True


def _send_answers(control: socket.socket, receiver: Receiver) -> None:
    """Send what there is to tell, as far as the recorder takes it now."""
    while receiver.outbox:
        try:
            control.send(encode(receiver.outbox[0]))
        except OSError:  # it is slow; or gone, which the next reading tells
            return
        receiver.outbox.popleft()


if __name__ == "__main__":
    sys.exit(main())
