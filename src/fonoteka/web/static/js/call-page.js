// @ts-check
import { copyText } from "./copying.js";
import { bindKeys } from "./keys.js";
import { strings } from "./strings.js";

/** @typedef {HTMLElement & {time: number, audio: HTMLAudioElement, toggle(): void, skip(s: number): void, changeRate(step: 1 | -1): void, skipBox: HTMLInputElement}} Player */

/** @returns {Player | null} the player that plays, else the first */
function player() {
  return document.querySelector("call-player.playing") ?? document.querySelector("call-player");
}

/** @param {(player: Player) => void} act */
const withPlayer = (act) => () => {
  const one = player();
  if (!one) return false;
  act(one);
};

/** @param {string} key */
const toNeighbour = (key) => () => {
  const link = /** @type {HTMLElement | null} */ (document.querySelector(`[data-neighbour="${key}"]`));
  if (!link) return false;
  link.click();
};

bindKeys({
  Space: withPlayer((one) => one.toggle()),
  ArrowLeft: withPlayer((one) => one.skip(-5)),
  ArrowRight: withPlayer((one) => one.skip(5)),
  BracketLeft: withPlayer((one) => one.changeRate(-1)),
  BracketRight: withPlayer((one) => one.changeRate(1)),
  KeyS: withPlayer((one) => one.skipBox.click()),
  KeyJ: toNeighbour("J"),
  KeyK: toNeighbour("K"),
  Escape: () => /** @type {HTMLElement} */ (document.querySelector(".top a")).click(),
});

document.addEventListener("click", async (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-moment]") : null;
  const label = button?.querySelector("[data-copy-label]");
  const one = player();
  const call = /** @type {HTMLElement | null} */ (document.querySelector("[data-call]"))?.dataset.call;
  if (!label || !one || !call) return;
  const address = `${location.origin}/calls/${call}#t=${Math.floor(one.time)}`;
  const done = await copyText(address);
  const before = label.textContent;
  label.textContent = done ? strings("strings").copied : address;
  button?.classList.add("told");
  setTimeout(() => {
    label.textContent = before;
    button?.classList.remove("told");
  }, done ? 1600 : 8000);
});
