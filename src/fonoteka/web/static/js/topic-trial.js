// @ts-check
/** Places that the phrases found: each plays from there, in place. */
import { playableAddress } from "./audio-source.js";

const audio = new Audio();
/** @type {HTMLElement | null} */
let playing = null;

/** Show the button as it is. */
const draw = () => {
  if (!playing) return;
  const active = !audio.paused;
  playing.setAttribute("aria-label", (active ? playing.dataset.pause : playing.dataset.play) ?? "");
  const use = playing.querySelector("use");
  use?.setAttribute("href", (use.getAttribute("href") ?? "").replace(/#.*/, active ? "#pause" : "#play"));
  playing.querySelector("svg")?.classList.toggle("fill", !active);
};

const stop = () => {
  audio.pause();
  draw();
  playing = null;
};

/** @param {HTMLElement} button */
const start = (button) => {
  stop();
  playing = button;
  const from = Number(button.dataset.from);
  audio.src = playableAddress(audio, `/api/v1/recordings/${button.dataset.recording}/audio`, button.dataset.codec ?? "");
  audio.addEventListener("loadedmetadata", () => (audio.currentTime = from), { once: true });
  audio.play().catch(() => undefined);
};

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-hit]") : null;
  if (!(button instanceof HTMLElement)) return;
  if (playing !== button) start(button);
  else if (audio.paused) audio.play().catch(() => undefined);
  else audio.pause();
});
for (const event of ["play", "pause"]) audio.addEventListener(event, draw);
for (const event of ["ended", "error"]) audio.addEventListener(event, stop);
document.addEventListener("htmx:after:swap", () => {
  if (playing && !playing.isConnected) stop();
});
