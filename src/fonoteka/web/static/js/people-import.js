// @ts-check
import { strings } from "./strings.js";

const words = strings("people-strings");
const section = /** @type {HTMLElement} */ (document.getElementById("csv"));
const field = /** @type {HTMLInputElement} */ (document.getElementById("file"));
const place = /** @type {HTMLElement} */ (document.getElementById("preview"));

/** Send the chosen file, as it is on disk at this moment. @param {string} address */
async function send(address) {
  const file = field.files?.[0];
  if (!file) return;
  const url = `/people/${section.dataset.kind}/${address}`;
  try {
    const answer = await fetch(url, { method: "POST", headers: { "HX-Request": "true" }, body: file });
    if (answer.status === 204) return location.assign(`/people/${section.dataset.kind}`);
    if (answer.status === 401) return location.reload();
    if (!answer.ok) place.textContent = words.tooLarge;
    else place.replaceChildren(...new DOMParser().parseFromString(await answer.text(), "text/html").body.childNodes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    place.textContent = words.failed;
  }
}

field.addEventListener("change", () => send("preview"));
// The same file chosen again after it was mended is a change, too.
field.addEventListener("click", () => { field.value = ""; });
place.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-import]") : null;
  if (!(button instanceof HTMLButtonElement)) return;
  button.disabled = true;
  send(`import?digest=${button.dataset.import}`);
});
