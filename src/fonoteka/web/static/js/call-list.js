// @ts-check
import { bindKeys } from "./keys.js";

/** @returns {HTMLElement[]} */
export const rows = () => [...document.querySelectorAll("#calls [data-call]")].map((row) => /** @type {HTMLElement} */ (row));

/** @param {HTMLElement} row */
const linkOf = (row) => /** @type {HTMLElement} */ (row.querySelector("a.who"));

/** The call that the keys act on. */
export function currentRow() {
  return /** @type {HTMLElement | null} */ (document.querySelector("#calls .row-c.cur"));
}

/** One row is in the tab order at a time; the keys J and K make it another one. */
export function rove() {
  const all = rows();
  const current = currentRow() ?? all[0];
  for (const row of all) {
    const stop = row === current ? "0" : "-1";
    for (const control of row.querySelectorAll("a, button, input")) control.setAttribute("tabindex", stop);
    linkOf(row).setAttribute("data-row-link", "");
  }
}

/** @param {HTMLElement} row */
function makeCurrent(row) {
  currentRow()?.classList.remove("cur");
  row.classList.add("cur");
  rove();
}

/** @param {number} step */
function move(step) {
  const all = rows();
  if (!all.length) return;
  const current = currentRow();
  const next = current ? all[Math.min(Math.max(all.indexOf(current) + step, 0), all.length - 1)] : all[0];
  makeCurrent(next);
  linkOf(next).focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

const search = /** @type {HTMLInputElement} */ (document.querySelector("#search input[name=q]"));

bindKeys({
  KeyJ: () => move(1),
  KeyK: () => move(-1),
  Enter: () => {
    const row = currentRow();
    if (!row || document.activeElement === linkOf(row)) return false;
    linkOf(row).click();
  },
  Slash: () => search.select(),
});
search.addEventListener("keydown", (event) => {
  if (event.code === "Escape" && !search.value) search.blur();
});
document.addEventListener("focusin", (event) => {
  const row = event.target instanceof Element ? event.target.closest("#calls .row-c") : null;
  if (row instanceof HTMLElement && row !== currentRow()) makeCurrent(row);
});
for (const change of ["htmx:after:swap", "calls:changed"]) document.addEventListener(change, rove);
rove();
