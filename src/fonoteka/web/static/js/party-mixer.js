// @ts-check
/**
 * Loudness of each party. The file holds one party a channel; both are heard in the middle, in both
 * ears, as on a telephone: one gain for each channel, summed into one channel that the output spreads.
 */
export class PartyMixer {
  /** @type {Map<number, number>} loudness 0–1 by channel */
  levels = new Map();
  /** @type {AudioContext | null} */
  context = null;
  /** @type {GainNode[]} */
  gains = [];

  /**
   * Build the graph. Browsers let sound out only after a gesture, so this waits for the first play.
   * @param {HTMLMediaElement} audio always the same one
   */
  open(audio) {
    if (this.context) {
      this.context.resume();
      return;
    }
    this.context = new AudioContext();
    const source = this.context.createMediaElementSource(audio);
    const splitter = this.context.createChannelSplitter(2);
    const middle = new GainNode(this.context, { channelCount: 1, channelCountMode: "explicit" });
    source.connect(splitter);
    for (const channel of [0, 1]) {
      const gain = this.context.createGain();
      gain.gain.value = this.levels.get(channel) ?? 1;
      splitter.connect(gain, channel);
      gain.connect(middle);
      this.gains[channel] = gain;
    }
    middle.connect(this.context.destination);
    this.context.resume();
  }

  /**
   * @param {number} channel
   * @param {number} level 0–1
   */
  setLevel(channel, level) {
    this.levels.set(channel, level);
    // A short ramp: a step in loudness is heard as a click.
    this.gains[channel]?.gain.setTargetAtTime(level, this.context?.currentTime ?? 0, 0.015);
  }

  /** Let go of the sound card. */
  close() {
    this.context?.close();
    this.context = null;
  }
}
