// @ts-check
const KEPT = "fonoteka.rate";

/** The speed: a row of buttons `[data-rate]`, and for thumbs the same as a choice `[data-rates]`. */
export class SpeedControl {
  /**
   * @param {ParentNode} player
   * @param {HTMLMediaElement} audio
   */
  constructor(player, audio) {
    this.audio = audio;
    this.choice = /** @type {HTMLSelectElement} */ (player.querySelector("[data-rates]"));
    this.buttons = [...player.querySelectorAll("[data-rate]")].map((one) => /** @type {HTMLElement} */ (one));
    this.choice.addEventListener("change", () => this.set(Number(this.choice.value)));
    for (const button of this.buttons) {
      button.addEventListener("click", () => this.set(Number(button.dataset.rate)));
    }
    // Loading another file sets a media element back to its default rate.
    audio.addEventListener("loadedmetadata", () => this.set(Number(this.choice.value)));
    this.set(Number(localStorage.getItem(KEPT)) || 1);
  }

  /** @param {number} rate 0.5–3, one of those offered; the pitch stays, and the choice is remembered */
  set(rate) {
    if (![...this.choice.options].some((option) => Number(option.value) === rate)) return;
    this.choice.value = String(rate);
    this.audio.preservesPitch = true;
    this.audio.playbackRate = rate;
    for (const button of this.buttons) {
      button.setAttribute("aria-pressed", String(Number(button.dataset.rate) === rate));
    }
    localStorage.setItem(KEPT, String(rate));
  }

  /** @param {1 | -1} step to the next speed up or down */
  step(step) {
    const option = this.choice.options[this.choice.selectedIndex + step];
    if (option) this.set(Number(option.value));
  }
}
