"""The least a Python receiver can do: `python -m bench.bare_loop COUNT TICK_MS`.

Binds COUNT sockets, prints their ports, then receives from whichever is ready and does nothing with it,
until stdin closes; then prints how many datagrams it got. TICK_MS 0: as soon as there is one; otherwise
all that are ready each tick.
"""

from __future__ import annotations

import select
import socket
import sys
import time

from fonoteka.capture.media_ports import RECEIVE_BUFFER_BYTES


def main() -> None:
    """See the module."""
    count, tick_s = int(sys.argv[1]), int(sys.argv[2]) / 1000
    receive = {}
    epoll = select.epoll()
    sockets = []
    for _ in range(count):
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        one.bind(("127.0.0.1", 0))
        epoll.register(one.fileno(), select.EPOLLIN)
        receive[one.fileno()] = one.recv
        sockets.append(one)
    print(*(one.getsockname()[1] for one in sockets), flush=True)
    epoll.register(sys.stdin.fileno(), select.EPOLLIN)
    received = 0
    while True:
        ready = epoll.poll(-1, count + 1)
        while ready:
            for descriptor, _event in ready:
                if descriptor == 0:
                    print(received, flush=True)
                    return
                receive[descriptor](2048)
                received += 1
            ready = epoll.poll(0, count + 1)
        if tick_s:
            time.sleep(tick_s)


if __name__ == "__main__":
    main()
