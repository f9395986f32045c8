// @ts-check
// The scorecard beside the player: answers by keys, comments tied to the moment that is played.

import { clock } from "./times.js";

/** @typedef {HTMLElement & {time: number}} Player */

/** @param {HTMLElement} question @param {1 | -1} step the question after it, or before */
function neighbour(question, step) {
  const all = [...document.querySelectorAll("[data-question]")];
  return all[all.indexOf(question) + step] ?? null;
}

/** @param {Element | null} question */
function focusOn(question) {
  const option = question?.querySelector("input[type=radio]:checked") ?? question?.querySelector("input[type=radio]");
  if (option instanceof HTMLElement) option.focus();
}

document.addEventListener("keydown", (event) => {
  const target = event.target;
  if (!(target instanceof HTMLInputElement) || target.type !== "radio" || event.ctrlKey || event.metaKey || event.altKey) return;
  const question = /** @type {HTMLElement | null} */ (target.closest("[data-question]"));
  if (!question) return;
  const key = /^(Digit|Numpad)\d$/.test(event.code) ? event.code.slice(-1)
    : ["Minus", "NumpadSubtract"].includes(event.code) ? "-" : "";
  const wanted = key && question.querySelector(`input[data-key="${key}"]`);
  if (!(wanted instanceof HTMLInputElement)) return;
  event.preventDefault();
  wanted.checked = true;
  wanted.focus();
  focusOn(neighbour(question, 1));
});

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-tie]") : null;
  const question = button?.closest("[data-question]");
  const player = /** @type {Player | null} */ (document.querySelector("call-player.playing") ?? document.querySelector("call-player"));
  const recording = player?.dataset.audio?.match(/recordings\/([^/]+)/)?.[1];
  if (!question || !player || !recording) return;
  const atMs = Math.round(player.time * 1000);
  /** @type {HTMLInputElement} */ (question.querySelector('input[name^="r."]')).value = recording;
  /** @type {HTMLInputElement} */ (question.querySelector('input[name^="t."]')).value = String(atMs);
  const told = /** @type {HTMLElement} */ (question.querySelector("[data-tied]"));
  const link = document.createElement("a");
  link.className = "fn-link";
  link.href = `#t=${(atMs / 1000).toFixed(1)}`;
  link.textContent = clock(player.time);
  told.replaceChildren(link);
});

document.addEventListener("htmx:after:swap", () => {
  if (location.hash === "#scores") document.getElementById("scores")?.scrollIntoView();
});
