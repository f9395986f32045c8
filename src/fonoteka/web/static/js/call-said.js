// @ts-check
import { clock } from "./times.js";

/** @typedef {HTMLElement & {time: number, duration: number, seek(time: number): void}} Player */

/** @param {string | undefined} recording @returns {Player | null} */
const playerOf = (recording) => document.querySelector(`call-player[data-recording="${recording ?? ""}"]`);

/** @returns {HTMLElement[]} the comments on moments */
const moments = () => [...document.querySelectorAll("[data-comment][data-at-ms]")].map((one) => /** @type {HTMLElement} */ (one));

/** Put a pin on the picture of the sound for each comment on a moment of it. */
function drawPins() {
  for (const place of document.querySelectorAll("call-player [data-pins]")) place.replaceChildren();
  moments().forEach((comment, index) => {
    const player = playerOf(comment.dataset.ofRecording);
    if (!player?.duration) return;
    const pin = document.createElement("a");
    const seconds = Number(comment.dataset.atMs) / 1000;
    pin.href = `#t=${Math.floor(seconds)}`;
    pin.dataset.atMs = comment.dataset.atMs;
    pin.tabIndex = -1; // the list beside has the same links, in words
    pin.textContent = String(index + 1);
    pin.title = comment.querySelector(".text")?.textContent ?? "";
    const share = Math.min(1, seconds / player.duration);
    pin.style.left = `${share * 100}%`;
    pin.style.setProperty("--at", String(share));
    player.querySelector("[data-pins]")?.append(pin);
  });
}

/** @returns {HTMLFormElement | null} */
const form = () => document.querySelector("[data-comment-form]");

/**
 * Say to which moment the comment belongs; null: to the whole call.
 * @param {Player | null} player
 */
function setMoment(player) {
  const fields = form();
  if (!fields) return;
  const seconds = player?.time ?? 0;
  /** @type {HTMLInputElement} */ (fields.elements.namedItem("recording")).value = player?.dataset.recording ?? "";
  /** @type {HTMLInputElement} */ (fields.elements.namedItem("at_ms")).value = player ? String(Math.round(seconds * 1000)) : "";
  const told = /** @type {HTMLElement} */ (fields.querySelector("[data-at-moment]"));
  told.hidden = !player;
  /** @type {HTMLElement} */ (told.querySelector("[data-at-clock]")).textContent = clock(seconds);
}

/**
 * Comment on the moment that is heard.
 * @param {Player} player
 */
export function commentHere(player) {
  const field = /** @type {HTMLTextAreaElement | null} */ (form()?.querySelector("textarea") ?? null);
  if (!field) return false;
  setMoment(player);
  field.focus();
  field.scrollIntoView({ block: "center" });
}

/** @param {number} value 1–5 */
export const giveMark = (value) => () => {
  const button = /** @type {HTMLElement | null} */ (document.querySelector(`[data-mark-value="${value}"]`));
  if (!button) return false;
  button.click();
};

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest("[data-at-clear]")) return setMoment(null);
  const here = target?.closest("[data-comment-here]")?.closest("call-player");
  if (here) return void commentHere(/** @type {Player} */ (here));
  // Not by the address: it may be this one already, and of several recordings only one is meant.
  const place = /** @type {HTMLElement | null} */ (target?.closest("a") ? target.closest("[data-at-ms]") : null);
  const player = playerOf(place?.dataset.ofRecording) ?? place?.closest("call-player");
  if (!place || !player) return;
  event.preventDefault();
  /** @type {Player} */ (player).seek(Number(place.dataset.atMs) / 1000);
});
document.addEventListener("htmx:after:swap", drawPins);
drawPins();
