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
