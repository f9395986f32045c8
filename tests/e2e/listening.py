"""How one hears what a page plays, with whatever browser."""

from __future__ import annotations

from tests.e2e.conftest import Demo

LOUD, QUIET = 24, 3
"""Peaks, 0–255."""
AUDIBLE = 0.005
"""Root of the mean square, full scale 1."""

EAVESDROP = """
const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (to, ...rest) {
  if (to instanceof AudioDestinationNode) {
    window.heard = new AnalyserNode(this.context, { fftSize: 4096 });
    connect.call(this, window.heard);
  }
  return connect.call(this, to, ...rest);
};
"""
"""What reaches the loudspeakers, whatever graph the page builds."""
LOUDNESS = """async () => {
  const samples = new Float32Array(window.heard.fftSize);
  const found = [];
  for (let round = 0; round < 6; round += 1) {
    await new Promise((done) => setTimeout(done, 100));
    window.heard.getFloatTimeDomainData(samples);
    found.push(Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length));
  }
  return found.sort((one, other) => one - other)[3];
}"""
"""How loud that is now."""
PACE = """async (wall) => {
  const { audio } = document.querySelector("call-player");
  const [from, start] = [audio.currentTime, performance.now()];
  await new Promise((done) => setTimeout(done, wall));
  return (audio.currentTime - from) / ((performance.now() - start) / 1000);
}"""
"""Seconds of sound a second, over so many milliseconds."""
INK = """[...document.querySelector("[data-lanes] > div").shadowRoot.querySelectorAll(".canvases canvas")]
  .map((one) => one.getContext("2d").getImageData(0, 0, one.width, one.height).data
    .filter((value, index) => index % 4 === 3 && value > 0).length)"""
"""How much is drawn of each lane."""


def speaks_alone(demo: Demo, recording: str, channel: int) -> float:
    """The second at which that party begins to speak for long while the other is silent."""
    document = demo.service.get(f"/recordings/{recording}/peaks")
    own, other = document["tracks"][channel]["peaks"], document["tracks"][1 - channel]["peaks"]
    window = int(1400 / document["interval_ms"])
    best = max(
        (place for place in range(len(own) - window) if max(other[place : place + window]) <= QUIET),
        key=lambda place: sum(own[place : place + window]),
    )
    return float(best * document["interval_ms"] / 1000)
