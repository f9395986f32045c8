// @ts-check
/** A person came: redeem the link at once. What merely looks at addresses does not run this. */
function redeem() {
  /** @type {HTMLFormElement} */ (document.getElementById("redeem")).requestSubmit();
}

// @ts-ignore - `prerendering` is not in every browser
if (document.prerendering) document.addEventListener("prerenderingchange", redeem, { once: true });
else redeem();
