// @ts-check
import { currentRow, rows } from "./call-list.js";
import { bindKeys } from "./keys.js";
import { strings } from "./strings.js";

const MOST = 1000;
const words = strings("bulk-strings");
const bar = /** @type {HTMLFormElement | null} */ (document.getElementById("bulk"));
/** @type {Map<string, number>} the chosen calls and their lengths in ms */
const chosen = new Map();
/** @type {Set<string>} with `all`: what was left out again */
const without = new Set();
let all = false;
let lastSearch = "";
/** @type {HTMLElement | null} */
let anchor = null;

const search = () => {
  const list = document.getElementById("calls");
  return new URL(list?.dataset.rows ?? "", location.href).search.slice(1);
};
const totals = () => document.getElementById("totals");
/** @param {HTMLElement} row */
const idOf = (row) => row.dataset.call ?? "";
/** @param {HTMLElement} row */
const isChosen = (row) => (all ? !without.has(idOf(row)) : chosen.has(idOf(row)));
const number = (/** @type {number} */ n) => new Intl.NumberFormat(document.documentElement.lang).format(n);

/** @param {number} ms */
function length(ms) {
  const seconds = Math.floor(ms / 1000);
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const text = h ? words.hours.replace("{h}", number(h)).replace("{m}", two(m))
    : m ? words.minutes.replace("{m}", String(m)).replace("{s}", two(s))
      : words.seconds.replace("{s}", String(s));
  return text.replaceAll(" ", "\u00a0");
}

function summary() {
  if (!all) {
    const ms = [...chosen.values()].reduce((sum, one) => sum + one, 0);
    return `${words.chosen.replace("{n}", number(chosen.size))}, ${length(ms)}`;
  }
  const told = words.all.replace("{calls}", (totals()?.textContent ?? "").trim());
  return without.size ? `${told}, ${words.without.replace("{n}", number(without.size))}` : told;
}

/** Boxes, rows and the bar as the choice is. */
function draw(/** @type {string} */ note = "") {
  if (!bar) return;
  for (const row of rows()) {
    const box = row.querySelector("[data-select]");
    if (box instanceof HTMLInputElement) box.checked = isChosen(row);
    row.classList.toggle("chosen", isChosen(row));
  }
  const any = all || chosen.size > 0;
  bar.hidden = !any;
  document.body.classList.toggle("has-bulk", any);
  const field = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (bar.elements.namedItem(name));
  field("ids").value = all ? "" : [...chosen.keys()].join(" ");
  field("search").value = all ? search() : "";
  field("without").value = [...without].join(" ");
  const count = /** @type {HTMLElement} */ (bar.querySelector("[data-bulk-count]"));
  const text = note || (any ? summary() : "");
  if (count.textContent !== text) count.textContent = text;
  const button = /** @type {HTMLElement} */ (bar.querySelector("[data-bulk-all]"));
  const found = totals()?.dataset;
  button.hidden = all || Number(found?.calls ?? 0) <= chosen.size;
  button.textContent = found?.exact === "yes"
    ? words.choose_all.replace("{n}", number(Number(found?.calls)))
    : words.choose_found;
}

/** @param {HTMLElement} row @param {boolean} on @returns {boolean} whether there was room for it */
function put(row, on) {
  const id = idOf(row);
  if (on === isChosen(row)) return true;
  const grows = all ? !on : on;
  if (grows && (all ? without : chosen).size >= MOST) return false;
  if (all) without[on ? "delete" : "add"](id);
  else if (on) chosen.set(id, Number(row.dataset.lengthMs));
  else chosen.delete(id);
  return true;
}

/** @param {HTMLElement} row @param {boolean} on @param {boolean} range from the one chosen before */
function choose(row, on, range) {
  const known = rows();
  const [from, to] = [anchor ? known.indexOf(anchor) : -1, known.indexOf(row)];
  const some = range && from >= 0 ? known.slice(Math.min(from, to), Math.max(from, to) + 1) : [row];
  const fits = some.map((one) => put(one, on)).every(Boolean);
  anchor = row;
  draw(fits ? "" : words.most.replace("{n}", number(MOST)));
}

export function clearSelection() {
  if (!all && !chosen.size) return false;
  chosen.clear();
  without.clear();
  all = false;
  anchor = null;
  draw();
}

function renew() {
  if (lastSearch !== search()) clearSelection();
  lastSearch = search();
  draw();
}

// On a phone there is no room for boxes at all times: a button brings them, and then a touch of a row chooses it.
const chooser = /** @type {HTMLElement | null} */ (document.querySelector("[data-choose]"));
const isChoosing = () => document.body.classList.contains("choosing");

/** @param {boolean} on */
function chooseByTouch(on) {
  document.body.classList.toggle("choosing", on);
  chooser?.setAttribute("aria-pressed", String(on));
  if (!on) clearSelection();
}

/** Press a button of the bar; without a choice it is for the current row. @param {string} name */
const press = (name) => () => {
  const button = /** @type {HTMLElement | null} */ (bar?.querySelector(`[formaction$="/${name}"]`));
  const row = currentRow();
  if (!button || !(all || chosen.size || row)) return false;
  if (!all && !chosen.size && row) choose(row, true, false);
  button.click();
};

if (bar) {
  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const row = target?.closest("#calls [data-call]");
    const box = target?.closest("[data-select]");
    if (!(row instanceof HTMLElement)) return;
    if (box instanceof HTMLInputElement) choose(row, box.checked, event.shiftKey);
    else if (isChoosing()) {
      event.preventDefault();
      choose(row, !isChosen(row), false);
    }
  });
  chooser?.addEventListener("click", () => chooseByTouch(!isChoosing()));
  bar.querySelector("[data-bulk-all]")?.addEventListener("click", () => {
    all = true;
    chosen.clear();
    without.clear();
    draw();
  });
  bar.querySelector("[data-bulk-clear]")?.addEventListener("click", () => chooseByTouch(false));
  bindKeys({
    KeyX: () => {
      const row = currentRow();
      if (row) choose(row, !isChosen(row), false);
      return Boolean(row);
    },
    "Shift+KeyX": () => {
      const row = currentRow();
      if (row) choose(row, true, true);
      return Boolean(row);
    },
    KeyE: press("share"),
    KeyD: press("archive"),
    Escape: clearSelection,
  });
  for (const change of ["htmx:after:swap", "calls:changed"]) document.addEventListener(change, renew);
  renew();
}
