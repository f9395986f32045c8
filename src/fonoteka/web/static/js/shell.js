// @ts-check
import { copyText } from "./copying.js";
import { bindKeysHelp } from "./keys.js";
import { bindMenus } from "./menus.js";
import { strings } from "./strings.js";

/** The server writes times in the browser's zone; the first page of all is drawn again when it differs. */
function tellZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const told = `fonoteka_zone=${zone}`;
  if (!zone || document.cookie.split("; ").includes(told)) return;
  document.cookie = `${told}; path=/; max-age=31536000; samesite=lax`;
  if (document.querySelector(".shell time") && document.cookie.includes(told)) location.reload();
}

function bindCopyButtons() {
  const words = strings("strings");
  document.addEventListener("click", async (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-copy]") : null;
    const label = button?.querySelector("[data-copy-label]");
    if (!(button instanceof HTMLElement) || !label) return;
    const done = await copyText(button.dataset.copy ?? "");
    const before = label.textContent;
    label.textContent = done ? words.copied : words.copyFailed;
    button.dataset.copyBusy = "";
    setTimeout(() => {
      label.textContent = before;
      delete button.dataset.copyBusy;
    }, done ? 1600 : 5000);
  });
}

tellZone();
bindMenus();
bindCopyButtons();
bindKeysHelp();
// A page kept for the Back button may be older than a sign-out.
addEventListener("pageshow", (event) => {
  if (event.persisted && document.querySelector(".shell")) {
    fetch("/recorder", { headers: { "HX-Request": "true" } }).then((answer) => {
      if (answer.status === 401) location.reload();
    }, () => undefined);
  }
});
