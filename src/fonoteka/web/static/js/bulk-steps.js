// @ts-check
import { clearSelection } from "./selection.js";
import { plural, strings } from "./strings.js";

const words = strings("bulk-strings");
const bar = /** @type {HTMLFormElement | null} */ (document.getElementById("bulk"));
const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById("bulk-dialog"));
let changed = false;
let working = false;

/** @param {HTMLFormElement} form @param {string} [cursor] */
function sent(form, cursor) {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) fields.append(name, String(value));
  if (cursor) fields.set("cursor", cursor);
  return { method: "POST", body: fields, headers: { "HX-Request": "true" } };
}

/** @param {HTMLButtonElement} button */
async function open(button) {
  if (!bar || !dialog) return;
  let text = "";
  try {
    const answer = await fetch(button.formAction, sent(bar));
    if (answer.status === 401) return location.reload();
    text = answer.ok ? await answer.text() : "";
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // the network is gone for now
  }
  if (!text) {
    /** @type {HTMLElement} */ (bar.querySelector("[data-bulk-count]")).textContent = words.failed;
    return;
  }
  dialog.innerHTML = text;
  dialog.showModal();
  /** @type {HTMLElement | null} */ (dialog.querySelector("[autofocus], input:not([type=hidden])"))?.focus();
}

/**
 * What came of the steps so far, in words.
 * @param {HTMLFormElement} form @param {string} forms which of the words
 * @param {number} done @param {Record<string, number>} left
 */
function tell(form, forms, done, left) {
  const said = JSON.parse(form.querySelector("[data-words]")?.textContent ?? "{}");
  const language = document.documentElement.lang;
  const others = Object.entries(left).map(([why, n]) => said[why].replace("{n}", new Intl.NumberFormat(language).format(n)));
  const text = [plural(said[forms], done), others.length ? `${said.left} ${others.join(", ")}.` : ""];
  /** @type {HTMLElement} */ (form.querySelector("[data-told]")).textContent = text.join(" ").trim();
}

/**
 * Ask for step after step until there is no next.
 * @param {HTMLFormElement} form @param {string} address @param {string} forms which of the words
 */
async function run(form, address, forms) {
  const show = (/** @type {string} */ which, /** @type {boolean} */ shown) => {
    for (const one of form.querySelectorAll(which)) /** @type {HTMLElement} */ (one).hidden = !shown;
  };
  const progress = /** @type {HTMLProgressElement} */ (form.querySelector("progress"));
  const told = /** @type {HTMLElement} */ (form.querySelector("[data-told]"));
  const body = sent(form).body;
  show("[data-before], [data-go], [data-undo-go]", false);
  show("[data-outcome], progress", true);
  progress.max = Number(form.dataset.calls ?? 0) || 1;
  progress.removeAttribute("value");
  working = changed = true;
  let [cursor, done, calls] = ["", 0, 0];
  /** @type {Record<string, number>} */
  const left = {};
  try {
    do {
      body.set("cursor", cursor);
      const answer = await fetch(address, { method: "POST", body, headers: { "HX-Request": "true" } });
      if (answer.status === 401) return location.reload();
      const step = answer.status === 422 || answer.ok ? await answer.json() : null;
      if (!step || step.refused) {
        told.textContent = step?.refused ?? words.failed;
        show("[data-before], [data-go]", true);
        return;
      }
      [cursor, done, calls] = [step.next ?? "", done + step.done, calls + step.calls];
      for (const [why, n] of Object.entries(step.left)) left[why] = (left[why] ?? 0) + Number(n);
      if (form.dataset.calls) progress.value = Math.min(calls, progress.max);
      tell(form, forms, done, left);
    } while (cursor && dialog?.open);
    show("[data-undo-go]", forms === "done" && Boolean(form.dataset.undo) && done > 0);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    told.textContent = words.failed;
    show("[data-go]", true);
  } finally {
    working = false;
    show("progress", false);
  }
}

if (bar && dialog) {
  bar.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!(button instanceof HTMLButtonElement) || button.dataset.bulkDialog === undefined) return;
    event.preventDefault();
    open(button);
  });
  dialog.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement)) return;
    // A download begins by itself and the page stays.
    if (!form.dataset.steps) return void setTimeout(() => dialog.close());
    event.preventDefault();
    if (!working) run(form, form.dataset.steps, "done");
  });
  dialog.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest("[data-dialog-close]")) dialog.close();
    const undo = target?.closest("[data-undo-go]");
    const form = undo?.closest("form");
    if (form?.dataset.undo && !working) run(form, form.dataset.undo, "undone");
  });
  // The list is drawn again when something was done to it.
  dialog.addEventListener("close", () => {
    if (!changed) return;
    changed = false;
    clearSelection();
    /** @type {any} */ (window).htmx.ajax("GET", location.href, { target: "#results", select: "#results", swap: "outerHTML" });
  });
}
