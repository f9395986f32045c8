// @ts-check
const STEP = 2;
const PIXELS_MAX = 24_000;
const PIXELS_A_SECOND_MAX = 120;
const LEAD = 0.2;

/** How closely the sound is looked at: the picture grows in its scrolled frame `[data-view]`. */
export class ZoomControl {
  factor = 1;

  /**
   * @param {HTMLElement} player
   * @param {number} duration in seconds
   */
  constructor(player, duration) {
    this.duration = duration;
    this.view = /** @type {HTMLElement} */ (player.querySelector("[data-view]"));
    this.wide = /** @type {HTMLElement} */ (player.querySelector("[data-wide]"));
    this.closer = /** @type {HTMLButtonElement} */ (player.querySelector("[data-zoom-in]"));
    this.wider = /** @type {HTMLButtonElement} */ (player.querySelector("[data-zoom-out]"));
  }

  /**
   * @param {1 | -1} step closer or wider
   * @param {number} share of the call that stays in the middle, 0–1
   */
  step(step, share) {
    const most = Math.min(PIXELS_MAX, this.duration * PIXELS_A_SECOND_MAX) / Math.max(1, this.view.clientWidth);
    const wanted = step > 0 ? this.factor * STEP : this.factor / STEP;
    if (wanted < 1 || (step > 0 && wanted > Math.max(1, most))) return;
    this.factor = wanted;
    this.wide.style.setProperty("--zoom", String(wanted));
    this.view.scrollLeft = share * this.view.scrollWidth - this.view.clientWidth / 2;
    this.wider.disabled = wanted === 1;
    this.closer.disabled = wanted * STEP > most;
  }

  /** @param {number} share of the call, 0–1, to keep in sight */
  follow(share) {
    if (this.factor === 1) return;
    const { scrollLeft, clientWidth, scrollWidth } = this.view;
    const place = share * scrollWidth;
    if (place < scrollLeft || place > scrollLeft + clientWidth) this.view.scrollLeft = place - clientWidth * LEAD;
  }
}
