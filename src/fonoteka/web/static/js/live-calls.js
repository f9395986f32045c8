// @ts-check
import { clock } from "./times.js";

const PERIOD_MS = 3000;
const place = /** @type {HTMLElement} */ (document.getElementById("live"));
let asked = 0;

/** @param {Response} answer @param {number} mine */
async function show(answer, mine) {
  if (answer.status === 401) return location.reload();
  const text = await answer.text();
  // A menu that is open, or an answer that a newer one has overtaken, is not drawn over.
  if (!answer.ok || mine !== asked || place.querySelector("details[open]")) return;
  const focused = document.activeElement;
  const [row, act] = [focused?.closest("[data-live]"), focused?.getAttribute("data-act")];
  const held = row && place.contains(row) ? /** @type {HTMLElement} */ (row).dataset.live : undefined;
  place.replaceChildren(...new DOMParser().parseFromString(text, "text/html").body.childNodes);
  place.hidden = !place.querySelector("h2");
  tick();
  if (!held) return;
  const same = place.querySelector(`[data-live="${held}"]`);
  const like = (act && same?.querySelector(`[data-act="${act}"]`)) || same?.querySelector(".acts-l button, .acts-l summary");
  /** @type {HTMLElement | null | undefined} */ (like)?.focus({ preventScroll: true });
}

function tick() {
  for (const one of place.querySelectorAll("[data-since]")) {
    const since = Date.parse(/** @type {HTMLElement} */ (one).dataset.since ?? "");
    one.textContent = clock((Date.now() - since) / 1000);
  }
}

async function keepAsking() {
  try {
    if (!document.hidden) {
      const mine = ++asked;
      await show(await fetch("/live", { headers: { "HX-Request": "true" }, cache: "no-store" }), mine);
    }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // the network is gone for now: ask again later
  } finally {
    setTimeout(keepAsking, PERIOD_MS);
  }
}

place.addEventListener("click", async (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-act]") : null;
  const row = button?.closest("[data-live]");
  if (!(button instanceof HTMLElement) || !(row instanceof HTMLElement)) return;
  const why = /** @type {HTMLInputElement | null | undefined} */ (button.closest("details")?.querySelector("[data-reason]"));
  button.closest("details")?.removeAttribute("open");
  const mine = ++asked;
  const body = new URLSearchParams(button.dataset.seconds ? { seconds: button.dataset.seconds } : {});
  if (why?.value.trim()) body.set("reason", why.value.trim());
  try {
    await show(await fetch(`/live/${row.dataset.live}/${button.dataset.act}`, {
      method: "POST", headers: { "HX-Request": "true" }, body,
    }), mine);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // the next question shows what became of it
  }
});
setInterval(tick, 1000);
keepAsking();
