// @ts-check
/**
 * Words for scripts. They come with the page, from the same catalogue as the rest of it.
 * @param {string} id of the JSON block
 * @returns {any}
 */
export function strings(id) {
  const block = document.getElementById(id);
  return block ? JSON.parse(block.textContent ?? "{}") : {};
}

/**
 * The plural form for a number.
 * @param {Record<string, string>} forms by CLDR category, with `{n}` in place of the number
 * @param {number} number
 */
export function plural(forms, number) {
  const language = document.documentElement.lang;
  const form = forms[new Intl.PluralRules(language).select(number)] ?? forms.other;
  return form.replace("{n}", new Intl.NumberFormat(language).format(number));
}
