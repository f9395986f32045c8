// @ts-check
/**
 * The address of a recording's audio in a format that this browser plays: as stored, or MP3 where
 * Ogg Opus is not known.
 * @param {HTMLMediaElement} audio
 * @param {string} address
 */
export function playableAddress(audio, address) {
  const opus = audio.canPlayType('audio/ogg; codecs="opus"') !== "";
  return `${address}?format=${opus ? "opus" : "mp3"}`;
}
