// @ts-check
/** @typedef {Record<string, any>} Rule */

const DAY_MINUTES = 24 * 60;

/** @param {string} text */
const words = (text) => text.split(/[,;\n]/).map((one) => one.trim()).filter(Boolean);

/** @param {string} text @param {number} whenEmpty */
function minute(text, whenEmpty) {
  const [hours, minutes] = text.split(":").map(Number);
  return text ? hours * 60 + minutes : whenEmpty;
}

/**
 * Read the fields of an open editor into its rule.
 * @param {HTMLElement} editor
 * @param {Rule} rule
 */
export function readEditor(editor, rule) {
  /** @param {string} name @returns {HTMLInputElement[]} */
  const fields = (name) => [...editor.querySelectorAll(`[data-field="${name}"]`)].map((one) => /** @type {any} */ (one));
  const value = (/** @type {string} */ name) => fields(name)[0].value;
  const checked = (/** @type {string} */ name) => fields(name).filter((one) => one.checked).map((one) => one.value);
  const days = checked("weekdays").map(Number);
  const share = Number(value("share_percent"));
  const until = minute(value("until_minute"), DAY_MINUTES);
  rule.outcome = value("outcome");
  rule.name = value("name");
  rule.keep_days = value("keep_days") ? Number(value("keep_days")) : null;
  rule.keep_at_least_days = value("keep_at_least_days") ? Number(value("keep_at_least_days")) : null;
  rule.profile = value("profile");
  rule.keep_within_s = Number(value("keep_within_s"));
  rule.conditions = {
    extensions: words(value("extensions")).sort(),
    group_ids: checked("group_ids").sort(),
    newcomers: fields("newcomers")[0].checked,
    directions: value("directions").split(" ").filter(Boolean),
    forwarded_outside: value("forwarded_outside"),
    numbers: words(value("numbers")),
    weekdays: days.length === 7 ? [] : days,
    from_minute: minute(value("from_minute"), 0),
    until_minute: until === 0 ? DAY_MINUTES : until,
    share_percent: Number.isInteger(share) && share > 0 ? share : 100,
  };
  showWhatFits(editor, rule);
}

/**
 * Show the fields that the outcome needs, and who is chosen.
 * @param {HTMLElement} editor
 * @param {Rule} rule
 * @param {string} [anyone] the word for nobody in particular
 */
export function showWhatFits(editor, rule, anyone) {
  editor.querySelector("[data-kept]")?.toggleAttribute("hidden", rule.outcome === "skip");
  editor.querySelector("[data-asked]")?.toggleAttribute("hidden", rule.outcome !== "on_demand");
  const who = /** @type {HTMLElement} */ (editor.querySelector("[data-who]"));
  if (anyone) who.dataset.anyone = anyone;
  const chosen = [...editor.querySelectorAll("[data-name]:checked")].map((one) => /** @type {HTMLElement} */ (one).dataset.name);
  who.textContent = [...chosen, ...rule.conditions.extensions].join(", ") || (who.dataset.anyone ?? "");
}

/** A rule that nobody has said anything about yet. @returns {Rule} */
export function newRule() {
  const id = [...crypto.getRandomValues(new Uint8Array(12))].map((one) => one.toString(16).padStart(2, "0")).join("");
  return {
    id, name: "", outcome: "record", enabled: true, profile: "standard", keep_days: null, keep_at_least_days: null,
    keep_within_s: 600,
    conditions: {
      extensions: [], group_ids: [], newcomers: false, directions: [], forwarded_outside: "included",
      numbers: [], weekdays: [], from_minute: 0, until_minute: DAY_MINUTES, share_percent: 100,
    },
  };
}
