// @ts-check
const OFF = "fonoteka.keys-off";

/** Whether the person has switched the keys off in this browser. */
export function keysAreOff() {
  return localStorage.getItem(OFF) === "yes";
}

/** @param {EventTarget | null} target */
function isField(target) {
  return target instanceof HTMLElement
    && (target.isContentEditable || target.matches("input:not([type=checkbox]), textarea, select"));
}

/** @param {KeyboardEvent} event */
function belongsToControl(event) {
  const presses = event.code === "Space" || event.code === "Enter";
  return presses && event.target instanceof HTMLElement
    && event.target.matches("button, summary, input, a:not([data-row-link])");
}

/**
 * Bind keys by their place on the keyboard (`event.code`), so that every layout works; a code with
 * Shift is written `Shift+Slash`. Silent in fields and dialogs. A handler that returns false did
 * nothing, and the browser goes on with the key.
 * @param {Record<string, (event: KeyboardEvent) => boolean | void>} handlers
 */
export function bindKeys(handlers) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || keysAreOff()) return;
    if (isField(event.target) || belongsToControl(event) || document.querySelector("dialog[open]")) return;
    const handler = handlers[(event.shiftKey ? "Shift+" : "") + event.code];
    if (handler && handler(event) !== false) event.preventDefault();
  });
}

/** The list of keys behind “?” and the switch in it. */
export function bindKeysHelp() {
  const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById("keys-help"));
  if (!dialog) return;
  const toggle = /** @type {HTMLInputElement} */ (dialog.querySelector("[data-keys-switch]"));
  toggle.checked = !keysAreOff();
  toggle.addEventListener("change", () => {
    if (toggle.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "yes");
  });
  document.querySelector("[data-keys-help]")?.addEventListener("click", () => dialog.showModal());
  bindKeys({ "Shift+Slash": () => dialog.showModal() });
}
