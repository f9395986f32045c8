// @ts-check
import { newRule, readEditor, showWhatFits } from "./rule-editor.js";
import { bindDragging, bindStepping } from "./rule-order.js";
import { strings } from "./strings.js";

/** @typedef {Record<string, any>} Rule */
const PAUSE_MS = 250;
const words = strings("rules-strings");
const state = strings("rules-state");
const saved = structuredClone(state);
const list = /** @type {HTMLElement} */ (document.getElementById("rules"));
const panel = /** @type {HTMLElement} */ (document.getElementById("panel"));
let open = "";
let drawing = 0;
let trying = 0;
let isSaving = false;

/** @param {string} id */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
/** @param {Element | null} from */
const rowOf = (from) => /** @type {HTMLElement | null} */ (from?.closest("li[data-rule]") ?? null);
/** @param {HTMLElement | null} row @returns {Rule | undefined} */
const ruleOf = (row) => state.rules.find((/** @type {Rule} */ one) => one.id === row?.dataset.rule);
const rows = () => [...list.children].map((row) => /** @type {HTMLElement} */ (row));
const isChanged = () => JSON.stringify(state) !== JSON.stringify(saved);

/** @param {string} address @param {Record<string, unknown>} [more] */
function send(address, more) {
  return fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json", "HX-Request": "true" },
    body: JSON.stringify({ rule_set: state, ...more }),
  }).then((answer) => {
    if (answer.status === 401) location.reload();
    return answer;
  });
}

/** @param {string} text */
const parsed = (text) => new DOMParser().parseFromString(text, "text/html");

/** Draw the rows again: heads anew, an open editor stays as it is under the hand. */
async function draw() {
  const mine = ++drawing;
  const answer = await send("/rules/draft", { open });
  if (mine !== drawing || !answer.ok) return;
  const focused = document.activeElement;
  const focusedRow = rowOf(focused)?.dataset.rule;
  const known = new Map(rows().map((row) => [row.dataset.rule, row]));
  const fresh = [...parsed(`<ol>${await answer.text()}</ol>`).querySelectorAll("li")];
  const wanted = fresh.map((row) => {
    const old = known.get(row.dataset.rule);
    if (!old) return row;
    merge(old, row);
    return old;
  });
  for (const row of rows()) if (!wanted.includes(row)) row.remove();
  wanted.forEach((row, place) => {
    if (list.children[place] !== row) list.insertBefore(row, list.children[place] ?? null);
  });
  const editor = /** @type {HTMLElement | null} */ (list.querySelector("[data-editor]"));
  const rule = ruleOf(rowOf(editor));
  if (editor && rule) showWhatFits(editor, rule, words.anyone);
  mark();
  refocus(focused, focusedRow);
}

/** @param {HTMLElement} old @param {HTMLElement} fresh */
function merge(old, fresh) {
  const hits = old.querySelector("[data-hits]")?.childNodes ?? [];
  fresh.querySelector("[data-hits]")?.replaceChildren(...hits);
  const [head, freshHead] = [old.querySelector(".rule-head"), fresh.querySelector(".rule-head")];
  if (!old.matches(".end")) head?.replaceWith(/** @type {Element} */ (freshHead));
  old.querySelector(".end .keep")?.toggleAttribute("hidden", state.default === "skip");
  const [editor, freshEditor] = [old.querySelector("[data-editor]"), fresh.querySelector("[data-editor]")];
  if (!freshEditor) editor?.remove();
  else if (!editor) old.append(freshEditor);
  old.className = fresh.className;
}

/** What was focused before the heads were drawn anew: its like in the same row. */
function refocus(/** @type {Element | null} */ focused, /** @type {string | undefined} */ row) {
  if (!row || !focused || focused.isConnected) return;
  const name = ["data-open", "data-enabled"].find((one) => focused.hasAttribute(one));
  const like = name ? `[${name}]` : focused.matches(".grip") ? ".grip" : "summary";
  /** @type {HTMLElement | null} */ (list.querySelector(`[data-rule="${row}"] ${like}`))?.focus({ preventScroll: true });
}

/** Show which rules are not saved yet, and the panel if any change is there. */
function mark() {
  const before = new Map(saved.rules.map((/** @type {Rule} */ one, /** @type {number} */ place) => [one.id, JSON.stringify([place, one])]));
  state.rules.forEach((/** @type {Rule} */ one, /** @type {number} */ place) => {
    const row = list.querySelector(`[data-rule="${one.id}"]`);
    row?.classList.toggle("unsaved", before.get(one.id) !== JSON.stringify([place, one]));
  });
  panel.hidden = part("to-panel").hidden = !isChanged();
  document.getElementById("no-rules")?.toggleAttribute("hidden", state.rules.length > 0);
}

/** Ask what the rules would have done. */
async function tryOut() {
  const mine = ++trying;
  panel.setAttribute("aria-busy", "true");
  const answer = await send("/rules/trial");
  const text = await answer.text();
  if (mine !== trying) return;
  panel.removeAttribute("aria-busy");
  if (!answer.ok) return;
  const found = parsed(text);
  if (!found.getElementById("trial")) return part("refusal").replaceChildren(...found.body.childNodes);
  part("refusal").replaceChildren();
  part("trial").replaceChildren(...(found.getElementById("trial")?.childNodes ?? []));
  for (const hits of found.querySelectorAll("#hits > span")) {
    const row = list.querySelector(`[data-rule="${/** @type {HTMLElement} */ (hits).dataset.rule}"] [data-hits]`);
    row?.replaceChildren(...hits.childNodes);
  }
}

let pause = 0;
function changed() {
  mark();
  draw().catch(told);
  clearTimeout(pause);
  pause = setTimeout(() => tryOut().catch(told), PAUSE_MS);
}

/** @param {unknown} error */
function told(error) {
  if (!(error instanceof TypeError)) throw error;
  part("refusal").textContent = words.failed;
}

/** Take the order of the rows on the page over into the rules. */
function takeOrder() {
  const places = new Map(rows().map((row, place) => [row.dataset.rule, place]));
  const before = state.rules.map((/** @type {Rule} */ one) => one.id).join();
  state.rules.sort((/** @type {Rule} */ a, /** @type {Rule} */ b) => (places.get(a.id) ?? 0) - (places.get(b.id) ?? 0));
  if (before !== state.rules.map((/** @type {Rule} */ one) => one.id).join()) changed();
}

/** @param {HTMLElement} row @param {number} step */
function move(row, step) {
  const neighbour = step < 0 ? row.previousElementSibling : row.nextElementSibling;
  if (!neighbour || neighbour.matches(".end")) return;
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  if (step < 0) neighbour.before(row);
  else neighbour.after(row);
  focused?.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
  part("told").textContent = words.moved.replace("{n}", String(rows().indexOf(row) + 1));
  takeOrder();
}

/** @param {HTMLElement} row */
function toggleOpen(row) {
  const id = row.dataset.rule ?? "";
  open = open === id ? "" : id;
  draw().then(() => {
    if (open) /** @type {HTMLElement | null} */ (list.querySelector("[data-editor] [data-field]"))?.focus();
  }).catch(told);
}

list.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const row = rowOf(target);
  if (!target || !row) return;
  if (target.closest("[data-open], [data-done]")) {
    target.closest("details.menu")?.removeAttribute("open");
    toggleOpen(row);
  } else if (target.closest("[data-delete]")) {
    state.rules = state.rules.filter((/** @type {Rule} */ one) => one.id !== row.dataset.rule);
    changed();
  } else if (target.closest("[data-step]")) {
    target.closest("details.menu")?.removeAttribute("open");
    move(row, Number(/** @type {HTMLElement} */ (target.closest("[data-step]")).dataset.step));
  }
});
list.addEventListener("change", (event) => {
  const target = /** @type {HTMLInputElement} */ (event.target);
  const editor = /** @type {HTMLElement | null} */ (target.closest("[data-editor]"));
  const rule = ruleOf(rowOf(target));
  if (editor && rule) readEditor(editor, rule);
  else if (target.matches("[data-enabled]") && rule) rule.enabled = target.checked;
  else if (target.dataset.default === "default" || target.dataset.default === "default_profile") {
    state[target.dataset.default] = target.value;
  }
  else if (target.dataset.default) state.default_keep_days = target.value ? Number(target.value) : null;
  else return;
  list.querySelector(".end .keep")?.toggleAttribute("hidden", state.default === "skip");
  changed();
});
document.querySelector("[data-add]")?.addEventListener("click", () => {
  const rule = newRule();
  state.rules.push(rule);
  open = rule.id;
  changed();
  draw().then(() => {
    const row = /** @type {HTMLElement | null} */ (list.querySelector(`[data-rule="${rule.id}"]`));
    row?.scrollIntoView({ block: "center" });
    /** @type {HTMLElement | null} */ (row?.querySelector("[data-field]"))?.focus({ preventScroll: true });
  }).catch(told);
});
document.querySelector("[data-revert]")?.addEventListener("click", () => {
  Object.assign(state, structuredClone(saved));
  open = "";
  for (const field of list.querySelectorAll("[data-default]")) {
    const select = /** @type {HTMLSelectElement} */ (field);
    select.value = String(state[select.dataset.default ?? ""] ?? "");
  }
  part("refusal").replaceChildren();
  changed();
});
document.querySelector("[data-save]")?.addEventListener("click", async () => {
  const button = /** @type {HTMLButtonElement} */ (document.querySelector("[data-save]"));
  button.disabled = true;
  try {
    const answer = await send("/rules/save", { note: /** @type {HTMLInputElement} */ (part("note")).value });
    if (answer.status === 204) {
      isSaving = true;
      location.reload();
    } else part("refusal").replaceChildren(...parsed(await answer.text()).body.childNodes);
  } catch (error) {
    told(error);
  } finally {
    button.disabled = false;
  }
});
part("which").addEventListener("submit", async (event) => {
  event.preventDefault();
  const given = new FormData(/** @type {HTMLFormElement} */ (part("which")));
  try {
    const answer = await send("/rules/which", { calling: given.get("calling"), called: given.get("called") });
    part("answer").replaceChildren(...parsed(await answer.text()).body.childNodes);
  } catch (error) {
    told(error);
  }
});
addEventListener("beforeunload", (event) => {
  if (isChanged() && !isSaving) event.preventDefault();
});
bindDragging(list, takeOrder);
bindStepping(list, move);
tryOut().catch(told);
