"""Fifty calls of a real Asterisk at once, recorded: what the PBX spends on the taps, and what we spend.

Needs root, debootstrap and sipp. CPU is that of the processes; what else runs here matters little to it.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.report import report
from fonoteka.pipeline.spooled import read_audio, read_manifest
from tests.interop.rtp_pcap import write_pcap
from tests.pbx import OUTSIDE, Pbx, SetUpPage, asterisk_root
from tests.service import HOST, Service, free_port, wait_for

CALLS = 50
PER_SECOND = 25
TALK_S = 26
SETTLE_S, MEASURED_S = 11.0, 8.0
HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "operate" / "asterisk.md"
ANSWERER = """
[500]
type = endpoint
context = phones
disallow = all
allow = alaw
aors = 500
direct_media = no

[500]
type = aor
contact = sip:500@{host}:{port}
"""
DIALPLAN = """
[from-provider]
exten => 74950000500,1,Dial(PJSIP/500,30)
"""


def main() -> bool:
    answerer_port = free_port(socket.SOCK_DGRAM)
    added = {"pjsip.conf": ANSWERER.format(host=HOST, port=answerer_port), "extensions.conf": DIALPLAN}
    pbx = Pbx(asterisk_root(), added)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.callback(pbx.remove)
        pbx.start()
        page = SetUpPage.read(PAGE)
        pbx.follow(page)
        stack.enter_context(
            sipp(folder, "asterisk_answerer.xml", "-i", HOST, "-p", str(answerer_port), "-rtp_echo")
        )
        bare_s, _ = measured(folder, pbx, [])
        service = Service(folder / "data")
        service.data.mkdir()
        text = page.files["fonoteka.toml"].replace("8088", str(pbx.ari_port))
        (service.data / "fonoteka.toml").write_text(text)
        recorder = service.start("fonoteka", "recorder")
        stack.callback(service.down)
        wait_for(lambda: "following" in (folder / "fonoteka-0.log").read_text(), 30)
        ours = [recorder.pid, *service.children("media_process")]
        tapped_s, ours_s = measured(folder, pbx, ours)
        sealed = service.data / "spool" / "sealed"
        wait_for(lambda: len(list(sealed.iterdir())) == CALLS, 30)
        streams, least_rate = heard(sealed)
    taps_s = tapped_s - bare_s
    percent = 100 / MEASURED_S
    return report(
        "asterisk",
        {
            "calls": CALLS,
            "streams": streams,
            "least_packets_per_s": least_rate,
            "asterisk_bare_cpu_percent": bare_s * percent,
            "asterisk_taps_cpu_percent": taps_s * percent,
            "our_cpu_percent": ours_s * percent,
            "ours_to_taps": ours_s / taps_s,
        },
        {"streams": ("==", 2 * CALLS), "ours_to_taps": ("<=", 1 / 3)},
        {
            "asterisk_bare_cpu_percent": "of one core, calls without taps",
            "asterisk_taps_cpu_percent": "what the taps add",
            "our_cpu_percent": "recorder and media process",
        },
    )


def measured(folder: Path, pbx: Pbx, ours: list[int]) -> tuple[float, float]:
    """CPU seconds of Asterisk and of our processes while all calls talk."""
    assert pbx.process
    write_pcap(folder / "speech.pcap", [bytes(range(256)) * (TALK_S * 8000 // 256)])
    options = [
        "-i",
        OUTSIDE,
        "-p",
        str(pbx.provider_port),
        "-m",
        str(CALLS),
        "-l",
        str(CALLS),
        "-r",
        str(PER_SECOND),
    ]
    with sipp(folder, "asterisk_caller.xml", *options, pbx.sip_address) as caller:
        time.sleep(CALLS / PER_SECOND + SETTLE_S)
        before = cpu_s([pbx.process.pid]), cpu_s(ours)
        time.sleep(MEASURED_S)
        after = cpu_s([pbx.process.pid]), cpu_s(ours)
        if caller.wait(TALK_S + 30) != 0:
            raise SystemExit(f"sipp: {caller.returncode}")
    return after[0] - before[0], after[1] - before[1]


def heard(sealed: Path) -> tuple[int, float]:
    """Streams with sound, and the packets a second that the least of them brought."""
    spooled = [read_audio(folder, read_manifest(folder)) for folder in sealed.iterdir()]
    tracks = [one for each in spooled if each is not None for _, one in each.tracks]
    rates = [one.packets * one.sample_rate_hz / len(one.samples) for one in tracks]
    return len(tracks), min(rates)


def cpu_s(pids: list[int]) -> float:
    """What these processes have spent, user and system."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def sipp(folder: Path, scenario: str, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    text = (HERE / scenario).read_text("utf-8").replace("@TALK_MS@", str(TALK_S * 1000))
    (folder / scenario).write_text(text, "utf-8")
    with (folder / f"{scenario}.log").open("wb") as log:
        process = subprocess.Popen(
            ["sipp", "-sf", scenario, "-nostdin", "-trace_err", *options], cwd=folder, stdout=log, stderr=log
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
