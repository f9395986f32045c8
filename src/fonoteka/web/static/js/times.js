// @ts-check
/**
 * `3:24`, `1:02:03`.
 * @param {number} seconds
 */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds + 1e-6));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const tail = `${hours ? String(minutes).padStart(2, "0") : minutes}:${String(rest).padStart(2, "0")}`;
  return hours ? `${hours}:${tail}` : tail;
}

/**
 * “2 minutes 1 second” in the language of the page, for those who listen to it.
 * @param {number} seconds
 */
export function spoken(seconds) {
  const whole = Math.max(0, Math.floor(seconds + 1e-6));
  /** @type {[number, string][]} */
  const parts = [[Math.floor(whole / 3600), "hour"], [Math.floor(whole / 60) % 60, "minute"], [whole % 60, "second"]];
  const said = parts.filter(([value, unit]) => value || (unit === "second" && whole < 60));
  const words = said.map(([value, unit]) =>
    new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, unitDisplay: "long" }).format(value));
  return words.join(" ");
}

/**
 * Seconds of a link to a moment: `#t=73`, `#t=1:13`. Null when the address names none.
 * @param {string} hash
 */
export function momentOf(hash) {
  const found = /^#t=(\d{1,6}(?:\.\d+)?)$|^#t=(?:(\d{1,3}):)?(\d{1,3}):(\d{2})$/.exec(hash);
  if (!found) return null;
  if (found[1]) return Number(found[1]);
  return Number(found[2] ?? 0) * 3600 + Number(found[3]) * 60 + Number(found[4]);
}
