// @ts-check
/** Menus are `<details class="menu">`: one open at a time, closed by a click elsewhere or Esc. */
export function bindMenus() {
  /** @param {Element | null} except */
  const closeAll = (except) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (menu !== except) menu.removeAttribute("open");
    }
  };
  document.addEventListener("toggle", (event) => {
    const menu = event.target;
    if (menu instanceof HTMLDetailsElement && menu.open && menu.matches(".menu")) closeAll(menu);
  }, true);
  document.addEventListener("pointerdown", (event) => {
    closeAll(event.target instanceof Element ? event.target.closest("details.menu") : null);
  });
  document.addEventListener("keydown", (event) => {
    const open = document.querySelector("details.menu[open]");
    if (event.code !== "Escape" || !open) return;
    event.stopImmediatePropagation();
    open.removeAttribute("open");
    open.querySelector("summary")?.focus();
  }, true);
  document.addEventListener("click", (event) => {
    const close = event.target instanceof Element ? event.target.closest("[data-close]") : null;
    const details = close?.closest("details");
    details?.removeAttribute("open");
    details?.querySelector("summary")?.focus();
  });
}
