// @ts-check
import { playableAddress } from "./audio-source.js";
import { currentRow } from "./call-list.js";
import { bindKeys } from "./keys.js";
import { strings } from "./strings.js";

const SVG = "http://www.w3.org/2000/svg";
const words = strings("list-strings");
const audio = new Audio();
/** @type {HTMLElement | null} */
let playing = null;

/** Show the row as it is: the button, and what of the strip was heard. */
function draw() {
  if (!playing) return;
  const active = !audio.paused;
  playing.classList.toggle("playing", active);
  const button = playing.querySelector("[data-play]");
  button?.setAttribute("aria-label", active ? words.pause : words.play);
  const use = button?.querySelector("use");
  use?.setAttribute("href", (use.getAttribute("href") ?? "").replace(/#.*/, active ? "#pause" : "#play"));
  button?.querySelector("svg")?.classList.toggle("fill", !active);
  const strip = playing.querySelector("svg.strip");
  if (!(strip instanceof SVGSVGElement)) return;
  const { width } = strip.viewBox.baseVal;
  const heard = Math.min(audio.currentTime / (Number(playing.dataset.durationMs) / 1000), 1) * width;
  const veil = strip.querySelector(".veil") ?? strip.appendChild(document.createElementNS(SVG, "rect"));
  const values = { class: "veil", x: heard, y: -1, width: width - heard, height: 22 };
  for (const [name, value] of Object.entries(values)) veil.setAttribute(name, String(value));
}

/** Leave the row as it was before it was played. */
function stop() {
  audio.pause();
  draw();
  playing?.querySelector(".veil")?.remove();
  playing = null;
}

/** @param {HTMLElement} row */
function toggle(row) {
  const { recording, codec } = row.dataset;
  if (!recording) return false;
  if (playing !== row) {
    stop();
    playing = row;
    audio.src = playableAddress(audio, `/api/v1/recordings/${recording}/audio`, codec ?? "");
  }
  if (audio.paused) audio.play().catch(() => undefined); // the error event says it to the person
  else audio.pause();
}

for (const event of ["play", "pause", "timeupdate", "seeked"]) audio.addEventListener(event, draw);
audio.addEventListener("ended", stop);
audio.addEventListener("error", () => {
  const state = playing?.querySelector(".st");
  stop();
  if (state) state.textContent = words.failed;
});
document.addEventListener("click", (event) => {
  const row = event.target instanceof Element ? event.target.closest("[data-play]")?.closest("[data-call]") : null;
  if (row instanceof HTMLElement) toggle(row);
});
document.addEventListener("calls:changed", () => {
  if (playing && !playing.isConnected) stop();
});
document.addEventListener("htmx:after:swap", () => {
  if (playing && !playing.isConnected) stop();
});
bindKeys({
  Space: () => {
    const row = currentRow();
    return row ? toggle(row) : false;
  },
  Escape: () => (playing ? stop() : false),
});
