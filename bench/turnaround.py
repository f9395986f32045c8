"""BYE to playable: calls of 60 s, twenty in flight, through the whole service over real SIP and RTP.

Calls begin evenly over a minute, so that twenty are in flight when the first ends. Measured from our
client's answered BYE to the first byte of audio over HTTP; beside it the bare encoding of one such call.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
import urllib.request
from pathlib import Path

import numpy as np

from bench.report import report
from fonoteka.audio.encode import encode_opus
from fonoteka.audio.g711 import ALAW_TO_LINEAR
from fonoteka.caller import (
    DIALOGUES,
    CallOptions,
    Line,
    codec_named,
    dialogue_audio,
    encode_call,
    place_call,
)
from tests.service import Service

CALL_S = 60.0
IN_FLIGHT = 20
MEASURED = 20
POLL_S = 0.02


async def talk(service: Service, seconds: list[float]) -> None:
    """Place the calls, one every 3 s, and time each."""
    options = [
        CallOptions(f"sip:{service.sip}", f"{200 + number}", "+74951234567", DIALOGUES[0], duration_s=CALL_S)
        for number in range(MEASURED)
    ]
    async with await Line.of(options[0]) as line:
        await line.encoded(options[0])

        async def one(number: int) -> None:
            await asyncio.sleep(number * CALL_S / IN_FLIGHT)
            told = await place_call(options[number], None, line)
            began = time.perf_counter()
            assert told.ok, told.answer
            await asyncio.to_thread(wait_until_playable, service, f"{200 + number}")
            seconds.append(time.perf_counter() - began)

        await asyncio.gather(*(one(number) for number in range(MEASURED)))


def wait_until_playable(service: Service, calling: str) -> None:
    """Until the first kilobyte of the call's audio is answered."""
    while True:
        for call in service.get(f"/calls?number={calling}")["items"]:
            for recording in call["recordings"]:
                if recording["state"] == "ready":
                    request = urllib.request.Request(
                        f"{service.url}/api/v1/recordings/{recording['id']}/audio",
                        headers={"Authorization": f"Bearer {service.token}", "Range": "bytes=0-1023"},
                    )
                    with urllib.request.urlopen(request, timeout=10) as answer:
                        assert answer.status == 206
                    return
        time.sleep(POLL_S)


def bare_encoding_s() -> float:
    """Encoding alone of 60 s of the same dialogue, both parties."""
    encoded = encode_call(dialogue_audio(DIALOGUES[0]), codec_named("pcma"))
    samples = int(CALL_S * 8000)
    parties = [
        np.resize(ALAW_TO_LINEAR[np.frombuffer(b"".join(payloads), np.uint8)], samples)
        for payloads in (encoded.calling, encoded.called)
    ]
    began = time.perf_counter()
    encode_opus(np.stack(parties), 8000, "standard")
    return time.perf_counter() - began


def main() -> None:
    seconds: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        service = Service(Path(folder) / "data")
        service.data.mkdir()
        try:
            service.up()
            asyncio.run(talk(service, seconds))
        finally:
            service.down()
    bare = bare_encoding_s()
    p50, p95 = (float(np.percentile(seconds, share)) for share in (50, 95))
    report(
        "turnaround",
        {
            "calls": len(seconds),
            "p50_s": round(p50, 3),
            "p95_s": round(p95, 3),
            "bare_encoding_s": round(bare, 3),
            "p95_to_bare_encoding": round(p95 / bare, 2),
        },
        {"p95_s": ("<=", 1.0)},
    )


if __name__ == "__main__":
    main()
