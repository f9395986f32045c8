"""Sends G.711 streams to ports of this machine: `python -m bench.rtp_sender SECONDS PORT…` on stdin's word.

Waits for a line on stdin, sends 160-byte payloads every 20 ms to each port, the ports spread evenly over
the 20 ms, and prints how many packets it sent and by how many ms it was late at worst.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
import time

PACKET_MS = 20
PAYLOAD = bytes(0x55 for _ in range(160))
SENDER_CORE = 1


def main() -> None:
    """See the module."""
    os.sched_setaffinity(0, {SENDER_CORE % (os.cpu_count() or 1)})
    seconds, ports = float(sys.argv[1]), [int(port) for port in sys.argv[2:]]
    slots = [ports[slot::PACKET_MS] for slot in range(PACKET_MS)]
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    headers = [struct.pack(">BBHII", 0x80, 8, seq, seq * 160, 1) + PAYLOAD for seq in range(0x10000)]
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.monotonic()
    worst = sent = 0.0
    for slot in range(int(seconds * 1000)):
        wait = began + slot / 1000 - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        else:
            worst = max(worst, -wait)
        packet = headers[slot // PACKET_MS & 0xFFFF]
        for port in slots[slot % PACKET_MS]:
            sender.sendto(packet, ("127.0.0.1", port))
        sent += len(slots[slot % PACKET_MS])
    print(int(sent), int(worst * 1000), flush=True)


if __name__ == "__main__":
    main()
