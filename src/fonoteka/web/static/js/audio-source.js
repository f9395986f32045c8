// @ts-check
const STORED = { opus: 'audio/ogg; codecs="opus"', flac: "audio/flac" };

/**
 * The address of a recording's audio in a format that this browser plays: as stored, or MP3 where it does
 * not know that.
 * @param {HTMLMediaElement} audio
 * @param {string} address
 * @param {string} codec of the stored file
 */
export function playableAddress(audio, address, codec) {
  const type = /** @type {Record<string, string>} */ (STORED)[codec] ?? "";
  return `${address}?format=${audio.canPlayType(type) === "" ? "mp3" : codec}`;
}

/**
 * How loud each party is over time, 0 to 255 for each interval; null when that cannot be had now.
 * @param {string} address
 * @returns {Promise<{ tracks: number[][], intervalS: number } | null>}
 */
export async function fetchPeaks(address) {
  try {
    const answer = await fetch(address);
    if (!answer.ok) return null;
    const { tracks, interval_ms } = await answer.json();
    return {
      tracks: tracks.map((/** @type {{ peaks: number[] }} */ one) => one.peaks),
      intervalS: interval_ms / 1000,
    };
  } catch (error) {
    if (error instanceof TypeError || error instanceof SyntaxError) return null;
    throw error;
  }
}
