// @ts-check
import { plural, strings } from "./strings.js";

const PERIOD_MS = 4000;
const TOP_PX = 120;
const words = strings("list-strings");
/** @type {Element[]} */
let waiting = [];
let tag = "";
let lastAddress = "";

/** @param {ParentNode} root @returns {HTMLElement[]} */
const rowsIn = (root) => [...root.querySelectorAll("[data-call]")].map((row) => /** @type {HTMLElement} */ (row));
const list = () => /** @type {HTMLElement | null} */ (document.getElementById("calls"));

/** A row that looks different now takes the place of the old one; the focus stays in it. */
function update(/** @type {HTMLElement} */ old, /** @type {HTMLElement} */ fresh) {
  if (old.dataset.version === fresh.dataset.version) return;
  const focused = old.contains(document.activeElement);
  fresh.classList.toggle("cur", old.classList.contains("cur"));
  old.replaceWith(fresh);
  if (focused) fresh.querySelector("a")?.focus();
}

/** Put a row where its time belongs, under the heading of its day. */
function insert(/** @type {HTMLElement} */ row, /** @type {Element} */ section) {
  const target = /** @type {HTMLElement} */ (list());
  const day = /** @type {HTMLElement} */ (section).dataset.day ?? "";
  let place = target.querySelector(`[data-day="${day}"]`);
  if (!place) {
    place = /** @type {Element} */ (section.cloneNode(true));
    for (const other of rowsIn(place)) other.remove();
    const sections = [...target.querySelectorAll("[data-day]")];
    const older = sections.find((one) => (/** @type {HTMLElement} */ (one).dataset.day ?? "") < day);
    if (older) older.before(place);
    else target.prepend(place);
  }
  const after = rowsIn(place).find((one) => (one.dataset.order ?? "") < (row.dataset.order ?? ""));
  if (after) after.before(row);
  else place.querySelector(".dl")?.append(row);
}

function showWaiting() {
  const button = /** @type {HTMLButtonElement | null} */ (document.getElementById("fresh"));
  if (!button) return;
  const text = waiting.length ? plural(words.fresh, waiting.length) : "";
  if (button.textContent !== text) button.textContent = text;
  button.hidden = !waiting.length;
}

function takeIn() {
  for (const row of waiting) insert(/** @type {HTMLElement} */ (row), /** @type {Element} */ (row.closest("[data-day]")));
  waiting = [];
  showWaiting();
  document.dispatchEvent(new CustomEvent("calls:changed"));
}

/** @param {Document} news */
function take(news) {
  const target = /** @type {HTMLElement} */ (list());
  const fresh = rowsIn(news);
  if (target.dataset.empty !== undefined) {
    if (fresh.length) location.reload();
    return;
  }
  const known = new Map(rowsIn(target).map((row) => [row.dataset.call, row]));
  waiting = fresh.filter((row) => !known.has(row.dataset.call));
  for (const row of fresh) {
    const old = known.get(row.dataset.call);
    if (old) update(old, row);
  }
  for (const count of news.querySelectorAll("[data-day-count]")) {
    const day = /** @type {HTMLElement} */ (count.closest("[data-day]")).dataset.day;
    const shown = target.querySelector(`[data-day="${day}"] [data-day-count]`);
    if (shown) shown.textContent = count.textContent;
  }
  const totals = news.getElementById("totals");
  if (totals) document.getElementById("totals")?.replaceWith(document.importNode(totals, true));
  // After a long sleep more may have come than one page holds: joining the two ends would hide a gap.
  if (fresh.length && waiting.length === fresh.length && known.size) return location.reload();
  target.querySelector(".none-found")?.toggleAttribute("hidden", fresh.length > 0);
  if (scrollY < TOP_PX && !document.querySelector("details.menu[open]")) takeIn();
  else showWaiting();
  document.dispatchEvent(new CustomEvent("calls:changed"));
}

async function ask() {
  const address = list()?.dataset.rows;
  if (!address || list()?.dataset.middle !== undefined || document.hidden) return;
  if (address !== lastAddress) [lastAddress, tag, waiting] = [address, "", []];
  /** @type {Record<string, string>} */
  const headers = { "HX-Request": "true" };
  if (tag) headers["If-None-Match"] = tag;
  const answer = await fetch(address, { headers, cache: "no-store" });
  if (answer.status === 401) return location.reload();
  if (answer.status !== 200 || list()?.dataset.rows !== address) return;
  const text = await answer.text();
  tag = answer.headers.get("ETag") ?? "";
  take(new DOMParser().parseFromString(text, "text/html"));
}

async function keepAsking() {
  try {
    await ask();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // the network is gone for now: ask again later
  } finally {
    setTimeout(keepAsking, PERIOD_MS);
  }
}

document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element) || event.target.id !== "fresh") return;
  takeIn();
  scrollTo({ top: 0 });
  /** @type {HTMLElement | null} */ (document.querySelector("#calls a.who"))?.focus({ preventScroll: true });
});
addEventListener("scroll", () => {
  if (waiting.length && scrollY < TOP_PX) takeIn();
}, { passive: true });
document.addEventListener("visibilitychange", () => ask().catch(() => undefined));
setTimeout(keepAsking, PERIOD_MS);
