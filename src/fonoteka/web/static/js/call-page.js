// @ts-check
import { commentHere, giveMark } from "./call-said.js";
import { copyText } from "./copying.js";
import { bindKeys } from "./keys.js";
import { strings } from "./strings.js";

/** @typedef {HTMLElement & {time: number, audio: HTMLAudioElement, toggle(): void, skip(s: number): void, duration: number, seek(s: number): void, zoom: import("./zoom-control.js").ZoomControl | null, look(step: 1 | -1): void, changeRate(step: 1 | -1): void, skipBox: HTMLInputElement}} Player */

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

/** @param {string} what to press, where it is */
const press = (what) => () => {
  const button = /** @type {HTMLElement | null} */ (document.querySelector(what));
  if (!button) return false;
  button.click();
};

bindKeys({
  Space: withPlayer((one) => one.toggle()),
  ArrowLeft: withPlayer((one) => one.skip(-5)),
  ArrowRight: withPlayer((one) => one.skip(5)),
  BracketLeft: withPlayer((one) => one.changeRate(-1)),
  BracketRight: withPlayer((one) => one.changeRate(1)),
  KeyS: withPlayer((one) => one.skipBox.click()),
  KeyM: () => {
    const one = player();
    show("facts");
    return one ? commentHere(one) : false;
  },
  Equal: withPlayer((one) => one.look(1)),
  "Shift+Equal": withPlayer((one) => one.look(1)),
  NumpadAdd: withPlayer((one) => one.look(1)),
  Minus: withPlayer((one) => one.look(-1)),
  NumpadSubtract: withPlayer((one) => one.look(-1)),
  ...Object.fromEntries([1, 2, 3, 4, 5].map((value) => [`Digit${value}`, giveMark(value)])),
  KeyE: press("[data-share]"),
  KeyD: press("[data-download] > summary"),
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

/** On a phone one part of the page is shown at a time. @param {string} part */
function show(part) {
  const page = document.getElementById("call-page");
  if (page) page.dataset.shows = part;
  for (const one of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-part]"))) {
    one.setAttribute("aria-pressed", String(one.dataset.part === part));
  }
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const button = /** @type {HTMLElement | null | undefined} */ (target?.closest("[data-part]"));
  if (button) show(button.dataset.part ?? "talk");
  // A link to a moment, from wherever, goes to where the sound is seen; a comment to where it is written.
  else if (target?.closest('a[href^="#t="]')) show("talk");
  else if (target?.closest("[data-comment-here]")) show("facts");
}, { capture: true });
