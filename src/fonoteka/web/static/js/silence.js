// @ts-check
/**
 * @typedef {{from: number, to: number}} Stretch in seconds
 */
const QUIET_MIN_S = 1;
const MARGIN_S = 0.2;

/**
 * The level up to which a track counts as quiet: its own noise floor and a little, never louder than
 * soft speech.
 * @param {number[]} peaks 0–255
 */
function threshold(peaks) {
  const sorted = [...peaks].sort((one, other) => one - other);
  const floor = sorted[Math.floor(sorted.length * 0.1)] ?? 0;
  return Math.min(Math.max(floor * 1.5, 2), 10);
}

/**
 * Stretches of at least a second in which nobody speaks, a margin of speech left on both sides.
 * @param {number[][]} tracks peaks 0–255 of each party
 * @param {number} intervalS seconds a peak
 * @returns {Stretch[]}
 */
export function quietStretches(tracks, intervalS) {
  const limits = tracks.map(threshold);
  const length = Math.max(0, ...tracks.map((track) => track.length));
  /** @type {Stretch[]} */
  const found = [];
  let start = 0;
  for (let place = 0; place <= length; place += 1) {
    const loud = place < length && tracks.some((track, index) => (track[place] ?? 0) > limits[index]);
    if (!loud && place < length) continue;
    const from = start * intervalS + (start ? MARGIN_S : 0);
    const to = place * intervalS - MARGIN_S;
    if ((place - start) * intervalS >= QUIET_MIN_S && to > from) found.push({ from, to });
    start = place + 1;
  }
  return found;
}

/**
 * The stretch that holds a moment, if any.
 * @param {Stretch[]} stretches in order
 * @param {number} time in seconds
 */
export function stretchAt(stretches, time) {
  let [low, high] = [0, stretches.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (stretches[middle].to <= time) low = middle + 1;
    else high = middle;
  }
  const found = stretches[low];
  return found && found.from <= time ? found : null;
}
