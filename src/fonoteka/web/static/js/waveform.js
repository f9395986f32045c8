// @ts-check
import WaveSurfer from "../vendor/wavesurfer.esm.js";
import { clock } from "./times.js";

const TICK_STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
const TICK_GAP_PX = 72;
const TICK_HIDDEN_PX = 42;

/**
 * The colours of a lane: what was heard, and what is still to come.
 * @param {Element} ink an element of the lane's voice
 */
function colours(ink) {
  const style = getComputedStyle(ink);
  return { progressColor: style.color, waveColor: style.backgroundColor };
}

/**
 * Draw the lanes. Peaks are scaled together, so that the lanes compare; quiet speech is lifted a little.
 * @param {{container: HTMLElement, audio: HTMLMediaElement, inks: Element[], peaks: number[][],
 *   duration: number}} what peaks 0–255 by lane, duration in seconds
 */
export function drawWaveform({ container, audio, inks, peaks, duration }) {
  const height = parseFloat(getComputedStyle(container).getPropertyValue("--lane")) || 72;
  const loudest = peaks.reduce((most, lane) => lane.reduce((top, peak) => Math.max(top, peak), most), 1);
  const lanes = () => inks.map((ink) => ({ ...colours(ink), height }));
  const nonce = /** @type {HTMLScriptElement | null} */ (document.querySelector("script[nonce]"))?.nonce;
  const waveform = WaveSurfer.create({
    container,
    media: audio,
    peaks: peaks.map((lane) => Float32Array.from(lane, (peak) => (peak / loudest) ** 0.7 * 0.96)),
    duration,
    height,
    splitChannels: lanes(),
    barWidth: 2,
    barGap: 1,
    cursorWidth: 0,
    dragToSeek: true,
    autoScroll: false,
    cspNonce: nonce,
  });
  const recolour = () => waveform.setOptions({ splitChannels: lanes() });
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", recolour);
  waveform.on("destroy", () => scheme.removeEventListener("change", recolour));
  return waveform;
}

/**
 * Write times below the lanes, as many as there is room for.
 * @param {HTMLElement} axis
 * @param {number} duration in seconds
 */
export function drawAxis(axis, duration) {
  const room = Math.max(1, Math.floor(axis.clientWidth / TICK_GAP_PX));
  const step = TICK_STEPS_S.find((one) => duration / one <= room) ?? 7200;
  const ticks = [];
  for (let time = step; time < duration - step * 0.3; time += step) {
    const tick = document.createElement("span");
    tick.textContent = clock(time);
    tick.style.left = `${(time / duration) * 100}%`;
    tick.dataset.place = String((time / duration) * axis.clientWidth);
    ticks.push(tick);
  }
  axis.replaceChildren(...ticks);
}

/**
 * Make way for the time at the playhead.
 * @param {HTMLElement} axis
 * @param {number} share of the call that was heard, 0–1
 * @param {number} width of the axis in pixels
 */
export function clearAxisAt(axis, share, width) {
  for (const tick of axis.children) {
    const place = Number(/** @type {HTMLElement} */ (tick).dataset.place);
    tick.classList.toggle("under", Math.abs(place - share * width) < TICK_HIDDEN_PX);
  }
}
