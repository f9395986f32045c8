"""sipp, a SIP client that we did not write, sends calls over UDP and TCP: recorded end to end."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from pesq import pesq

from fonoteka.audio.decode import decode_opus
from fonoteka.audio.g711 import ALAW_TO_LINEAR as ALAW
from fonoteka.domain.call import Party
from fonoteka.pipeline.spooled import read_audio, read_manifest
from tests.interop.rtp_pcap import write_pcap
from tests.service import HOST, Service, wait_for
from tests.voices import RATE_HZ, alternating

CALL_S = 8.0
HERE = Path(__file__).parent

pytestmark = [pytest.mark.needs("sipp", "sip-tester"), pytest.mark.needs_root, pytest.mark.timeout(180)]


def encode_alaw(samples: np.ndarray) -> bytes:
    """A-law by the decoder's own table: the nearest value."""
    order = np.argsort(ALAW, kind="stable")
    values = ALAW[order].astype(np.int32)
    middle = (values[1:] + values[:-1]) / 2
    return order[np.searchsorted(middle, samples)].astype(np.uint8).tobytes()


def run_sipp(folder: Path, sip: str, transport: str, payloads: list[bytes]) -> None:
    """One call by sipp; its own log is shown when it fails."""
    write_pcap(folder / "media.pcap", payloads)
    pause_ms = round(len(payloads[0]) / RATE_HZ * 1000) + 300
    scenario = (HERE / "siprec.xml").read_text("utf-8").replace("@PAUSE_MS@", str(pause_ms))
    (folder / "siprec.xml").write_text(scenario, "utf-8")
    mode = {"udp": "u1", "tcp": "t1"}[transport]
    sipp = shutil.which("sipp")
    assert sipp
    done = subprocess.run(
        [
            sipp,
            sip,
            "-sf",
            "siprec.xml",
            "-t",
            mode,
            "-m",
            "1",
            "-i",
            HOST,
            "-mi",
            HOST,
            "-nostdin",
            "-trace_err",
            "-timeout",
            "60s",
            "-timeout_error",
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    errors = "".join(path.read_text(errors="replace") for path in folder.glob("siprec_*_errors.log"))
    assert done.returncode == 0, f"sipp: {done.returncode}\n{errors}\n{done.stdout[-2000:]}"


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_call_by_sipp_is_recorded_bit_exact_and_stored_well(
    service: Service, tmp_path: Path, transport: str
) -> None:
    client, ours = alternating(CALL_S)
    payloads = [encode_alaw(client), encode_alaw(ours)]
    sent = [ALAW[np.frombuffer(payload, np.uint8)] for payload in payloads]

    service.start("fonoteka.capture.recorder")
    wait_for(lambda: (service.data / "run" / "recorder.json").exists())
    run_sipp(tmp_path, service.sip, transport, payloads)
    (folder,) = wait_for(lambda: list((service.data / "spool" / "sealed").iterdir()))

    sealed = read_manifest(folder)
    assert [(one.number, one.name, one.party) for one in sealed.participants] == [
        ("+74951234567", "Ирина Кольцова", Party.CALLING),
        ("104", "Anna", Party.CALLED),
    ]
    spooled = read_audio(folder, sealed)
    assert spooled is not None
    tracks = spooled.tracks
    assert [stream.party for stream, _ in tracks] == [Party.CALLING, Party.CALLED]
    for (_, track), samples in zip(tracks, sent, strict=True):
        assert track.lost_packets == 0
        np.testing.assert_array_equal(track.samples, samples)
    assert abs(tracks[0][1].start_ms - tracks[1][1].start_ms) <= 20

    service.start("fonoteka", "worker")
    service.start("fonoteka", "web")
    wait_for(service.is_up)
    service.token = service.new_token()
    (call,) = service.calls(1)
    assert call["direction"] == "incoming"
    (recording,) = call["recordings"]
    assert abs(recording["duration_ms"] - 1000 * CALL_S) <= 20
    status, _, audio = service.fetch(f"/recordings/{recording['id']}/audio")
    assert status == 200
    assert_heard_as_sent(audio, sent)


def assert_heard_as_sent(audio: bytes, sent: list[np.ndarray]) -> None:
    """Each party on its own channel, within 20 ms, with PESQ of at least 3.5."""
    channels, rate_hz = decode_opus(audio)
    assert rate_hz == RATE_HZ
    assert channels.shape[0] == len(sent)
    for channel, samples in zip(channels, sent, strict=True):
        assert abs(delay_samples(channel, samples)) <= 0.020 * RATE_HZ
        assert pesq(RATE_HZ, samples[: len(channel)], channel[: len(samples)], "nb") >= 3.5


def delay_samples(heard: np.ndarray, sent: np.ndarray) -> int:
    """By how much `heard` comes later, where the two fit best."""
    size = 1 << (len(heard) + len(sent)).bit_length()
    spectrum = np.fft.rfft(heard.astype(float), size) * np.conj(np.fft.rfft(sent.astype(float), size))
    best = int(np.argmax(np.fft.irfft(spectrum, size)))
    return best if best < size // 2 else best - size
