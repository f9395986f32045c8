// @ts-check
import { fetchPeaks, playableAddress } from "./audio-source.js";
import { bindPartyControls } from "./party-controls.js";
import { PartyMixer } from "./party-mixer.js";
import { quietStretches, stretchAt } from "./silence.js";
import { SpeedControl } from "./speed-control.js";
import { strings } from "./strings.js";
import { clock, momentOf, spoken } from "./times.js";
import { clearAxisAt, drawAxis, drawWaveform } from "./waveform.js";
import { ZoomControl } from "./zoom-control.js";

const STEP_S = 5;
const PAGE_S = 30;
const MISSED_S = 0.5;
const words = strings("player-strings");

/**
 * The player of a recording: `<call-player data-audio data-peaks data-duration-ms>`. Its controls come
 * with the page; this brings them to life. The audio is asked for at the first play, not before, for
 * every listening is written down.
 */
class CallPlayer extends HTMLElement {
  /** @type {import("./silence.js").Stretch[]} */
  quiet = [];
  time = 0;
  /** @type {number | null} where the audio is on its way to, in seconds */
  wanted = null;
  axisWidth = 0;
  /** @type {ZoomControl | null} */
  zoom = null;
  mixer = new PartyMixer();
  ending = new AbortController();
  /** @type {ReturnType<typeof drawWaveform> | null} */
  waveform = null;
  observer = new ResizeObserver(() => this.resize());

  connectedCallback() {
    this.audio.src = playableAddress(this.audio, this.dataset.audio ?? "", this.dataset.codec ?? "");
    this.bindAudio();
    this.bindControls();
    this.observer.observe(this.piece("axis"));
    this.load();
  }

  disconnectedCallback() {
    this.audio.pause();
    this.waveform?.destroy();
    this.mixer.close();
    this.observer.disconnect();
    this.ending.abort();
  }

  get audio() {
    return /** @type {HTMLAudioElement} */ (this.querySelector("audio"));
  }

  /** In seconds. */
  get duration() {
    return Number(this.dataset.durationMs) / 1000;
  }

  resize() {
    this.axisWidth = this.piece("axis").clientWidth;
    drawAxis(this.piece("axis"), this.duration);
    this.show(this.time);
  }

  /** @param {string} name @returns {HTMLElement} the element with that data attribute */
  piece(name) {
    return /** @type {HTMLElement} */ (this.querySelector(`[data-${name}]`));
  }

  /** Fetch the peaks and draw; playing works without them too. */
  async load() {
    const lanes = [...this.querySelectorAll("[data-lane]")].map((lane) => /** @type {HTMLElement} */ (lane));
    const peaks = await fetchPeaks(this.dataset.peaks ?? "");
    this.showFailure(peaks ? "" : words.peaksFailed);
    if (!this.isConnected) return;
    const { tracks, intervalS } = peaks ?? { tracks: [], intervalS: 1 };
    this.quiet = quietStretches(tracks, intervalS);
    const saved = this.quiet.reduce((sum, stretch) => sum + stretch.to - stretch.from, 0);
    this.piece("saved").textContent = saved >= 1 ? `−${clock(saved)}` : "";
    this.waveform?.destroy();
    this.waveform = drawWaveform({
      container: this.piece("lanes"),
      audio: this.audio,
      inks: lanes.map((lane) => /** @type {Element} */ (lane.querySelector("[data-ink]"))),
      peaks: lanes.map((lane) => tracks[Number(lane.dataset.channel)] ?? [0, 0]),
      duration: this.duration,
    });
    this.waveform.on("timeupdate", (/** @type {number} */ time) => this.wanted ?? this.show(time));
    this.waveform.on("interaction", (/** @type {number} */ time) => this.leaveFor(time));
    const start = momentOf(location.hash) ?? this.time;
    // Before it is ready the waveform forgets how far it was coloured.
    this.waveform.on("ready", () => this.seek(this.time || start));
    this.classList.add("drawn");
    this.seek(start);
  }

  bindAudio() {
    const audio = this.audio;
    const state = () => {
      const playing = !audio.paused && !audio.ended;
      this.classList.toggle("playing", playing);
      this.piece("play").setAttribute("aria-label", playing ? words.pause : words.play);
    };
    audio.addEventListener("seeked", () => this.arrive());
    for (const event of ["play", "pause", "ended"]) audio.addEventListener(event, state);
    audio.addEventListener("playing", () => this.classList.remove("loading"));
    audio.addEventListener("waiting", () => this.classList.add("loading"));
    audio.addEventListener("error", () => {
      this.classList.remove("loading");
      this.explainFailure();
    });
  }

  bindControls() {
    /** @param {string} name @param {() => void} act */
    const press = (name, act) => this.piece(name).addEventListener("click", act);
    press("play", () => this.toggle());
    press("back", () => this.skip(-STEP_S));
    press("forward", () => this.skip(STEP_S));
    press("retry", () => this.retry());
    this.zoom = new ZoomControl(this, this.duration);
    press("zoom-in", () => this.look(1));
    press("zoom-out", () => this.look(-1));
    this.skipBox.addEventListener("change", () => {
      localStorage.setItem("fonoteka.skip", this.skipBox.checked ? "yes" : "");
    });
    this.skipBox.checked = localStorage.getItem("fonoteka.skip") === "yes";
    this.speed = new SpeedControl(this, this.audio);
    bindPartyControls(this, this.mixer);
    // After a click with the mouse the keys go back to the player: Space plays, whatever was pressed last.
    this.addEventListener("click", (event) => {
      const control = event.target instanceof Element ? event.target.closest("button, [type=checkbox]") : null;
      if (control instanceof HTMLElement && event.detail > 0) control.blur();
    });
    this.piece("wave").addEventListener("keydown", (event) => this.slide(event));
    addEventListener("hashchange", () => {
      const moment = momentOf(location.hash);
      if (moment !== null) this.seek(moment);
    }, { signal: this.ending.signal });
  }

  get skipBox() {
    return /** @type {HTMLInputElement} */ (this.piece("skip"));
  }

  /** @param {1 | -1} step to the next speed up or down */
  changeRate(step) {
    this.speed?.step(step);
  }

  /** @param {1 | -1} step closer or wider */
  look(step) {
    this.zoom?.step(step, this.duration ? this.time / this.duration : 0);
  }

  async toggle() {
    if (!this.audio.paused) return this.audio.pause();
    if (this.time >= this.duration - 0.05) this.seek(0);
    this.mixer.open(this.audio);
    this.showFailure("");
    try {
      await (this.waveform ?? this.audio).play();
    } catch (error) {
      // What the file lacks is told by the audio element's own error event.
      if (!(error instanceof DOMException)) throw error;
    }
  }

  /** @param {number} seconds */
  skip(seconds) {
    this.seek(this.time + seconds);
  }

  /** @param {number} time in seconds */
  seek(time) {
    const place = Math.min(Math.max(time, 0), this.duration);
    if (this.waveform) this.waveform.setTime(place);
    else this.audio.currentTime = place;
    this.leaveFor(place);
  }

  // Until the audio is there it may tell of places that it left; a step counted from those would be lost.
  /** @param {number} place in seconds that the audio is on its way to */
  leaveFor(place) {
    this.wanted = this.audio.seeking ? place : null;
    this.show(place);
  }

  /** Chromium loses a seek that meets another one under way, as with keys pressed fast: ask once more. */
  arrive() {
    const { audio, wanted } = this;
    if (audio.seeking || wanted === null) return;
    this.wanted = null;
    if (Math.abs(audio.currentTime - wanted) > MISSED_S) audio.currentTime = wanted;
  }

  /** @param {number} time in seconds */
  show(time) {
    const quiet = this.skipBox.checked && !this.audio.paused ? stretchAt(this.quiet, time) : null;
    if (quiet && quiet.to < this.duration - 0.3 && !this.audio.seeking) return this.seek(quiet.to);
    this.time = time;
    const wave = this.piece("wave");
    this.piece("time").textContent = this.piece("head-time").textContent = clock(time);
    const share = this.duration ? time / this.duration : 0;
    this.piece("head").style.left = `${share * 100}%`;
    this.piece("head").style.setProperty("--at", String(share));
    clearAxisAt(this.piece("axis"), share, this.axisWidth);
    this.zoom?.follow(share);
    wave.setAttribute("aria-valuenow", time.toFixed(1));
    const spokenPlace = words.place.replace("{place}", spoken(time)).replace("{length}", spoken(this.duration));
    if (wave.getAttribute("aria-valuetext") !== spokenPlace) wave.setAttribute("aria-valuetext", spokenPlace);
  }

  /** @param {KeyboardEvent} event */
  slide(event) {
    const { time, duration } = this;
    /** @type {Record<string, number>} */
    const places = {
      Home: 0, End: duration, PageUp: time + PAGE_S, PageDown: time - PAGE_S,
      ArrowUp: time + STEP_S, ArrowDown: time - STEP_S, ArrowRight: time + STEP_S, ArrowLeft: time - STEP_S,
    };
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.code in places)) return;
    event.preventDefault();
    this.seek(places[event.code]);
  }

  async explainFailure() {
    const gone = await fetch(this.dataset.peaks ?? "").then((answer) => [404, 410].includes(answer.status), () => false);
    this.showFailure(gone ? words.audioGone : words.audioFailed);
  }

  /** @param {string} text empty: all is well */
  showFailure(text) {
    this.piece("failure").hidden = !text;
    this.piece("failure-text").textContent = text;
  }

  /** Ask for everything again and go on where the sound broke off. */
  async retry() {
    const broken = this.audio.error !== null;
    if (broken) this.audio.load();
    await this.load();
    if (broken) this.toggle();
  }
}

customElements.define("call-player", CallPlayer);
