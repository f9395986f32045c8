// @ts-check
/** The transcript in step with the sound: the word that is heard is marked, a click on a word plays from it. */

/** @param {HTMLElement} panel */
const playerOf = (panel) =>
  /** @type {HTMLElement & {seek(time: number): void, toggle(): void} | null} */ (panel.closest(".recording")?.querySelector("call-player"));

/**
 * The last of the elements, which are in the order of time, that has begun.
 * @param {HTMLElement[]} all
 * @param {(one: HTMLElement) => number} since
 * @param {number} ms
 */
const lastBegun = (all, since, ms) => {
  let low = 0;
  let high = all.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (since(all[middle]) <= ms) low = middle + 1;
    else high = middle;
  }
  return low ? all[low - 1] : null;
};

/** @param {HTMLElement} panel */
const follow = (panel) => {
  const player = playerOf(panel);
  const audio = player?.querySelector("audio");
  if (!player || !audio) return;
  const utterances = /** @type {HTMLElement[]} */ ([...panel.querySelectorAll(".ut")]);
  const box = /** @type {HTMLInputElement} */ (panel.querySelector("[data-follow]"));
  /** @type {Element | null} */ let spoken = null;
  /** @type {Element | null} */ let heard = null;
  const step = () => {
    const ms = audio.currentTime * 1000;
    const found = lastBegun(utterances, (one) => Number(one.dataset.since), ms);
    const now = found && ms <= Number(found.dataset.until) + 400 ? found : null;
    if (now !== spoken) {
      spoken?.classList.remove("now");
      now?.classList.add("now");
      spoken = now;
      if (now && box.checked && !audio.paused) now.scrollIntoView({ block: "nearest" });
    }
    const words = /** @type {HTMLElement[]} */ (now ? [...now.querySelectorAll(".w")] : []);
    const word = lastBegun(words, (one) => Number(one.dataset.t), ms);
    if (word !== heard) {
      heard?.classList.remove("cw");
      word?.classList.add("cw");
      heard = word;
    }
  };
  audio.addEventListener("timeupdate", step);
  audio.addEventListener("seeked", step);
};

document.addEventListener("click", (event) => {
  const word = event.target instanceof Element ? /** @type {HTMLElement | null} */ (event.target.closest(".w[data-t]")) : null;
  const panel = /** @type {HTMLElement | null | undefined} */ (word?.closest("[data-transcript]"));
  if (!word || !panel || String(getSelection())) return;
  const player = playerOf(panel);
  player?.seek(Number(word.dataset.t) / 1000);
  if (player?.querySelector("audio")?.paused) player.toggle();
});

for (const panel of document.querySelectorAll("[data-transcript]")) follow(/** @type {HTMLElement} */ (panel));
document.addEventListener("htmx:load", (event) => {
  if (!(event.target instanceof Element)) return;
  const fresh = event.target.matches("[data-transcript]") ? [event.target] : event.target.querySelectorAll("[data-transcript]");
  for (const panel of fresh) follow(/** @type {HTMLElement} */ (panel));
});
