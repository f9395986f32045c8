// @ts-check
/**
 * Mute and volume of each party: `[data-lane data-channel]` with `[data-mute]` and `[data-volume]`.
 * @param {ParentNode} player
 * @param {import("./party-mixer.js").PartyMixer} mixer
 */
export function bindPartyControls(player, mixer) {
  for (const lane of player.querySelectorAll("[data-lane]")) {
    const mute = /** @type {HTMLElement} */ (lane.querySelector("[data-mute]"));
    const volume = /** @type {HTMLInputElement} */ (lane.querySelector("[data-volume]"));
    const channel = Number(/** @type {HTMLElement} */ (lane).dataset.channel);
    /** @param {boolean} muted */
    const apply = (muted) => {
      mute.setAttribute("aria-pressed", String(muted));
      lane.classList.toggle("muted", muted);
      mixer.setLevel(channel, muted ? 0 : Number(volume.value) / 100);
    };
    mute.addEventListener("click", () => apply(mute.getAttribute("aria-pressed") !== "true"));
    volume.addEventListener("input", () => apply(false));
  }
}
