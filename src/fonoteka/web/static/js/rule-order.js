// @ts-check
/**
 * Drag rules by their grips; touch works too. The row follows the pointer from place to place.
 * @param {HTMLElement} list
 * @param {() => void} onDropped called when the order on the page may have changed
 */
export function bindDragging(list, onDropped) {
  /** @type {HTMLElement | null} */
  let dragged = null;
  list.addEventListener("pointerdown", (event) => {
    const grip = event.target instanceof Element ? event.target.closest(".grip") : null;
    if (!(grip instanceof HTMLElement) || event.button !== 0) return;
    dragged = grip.closest("li");
    grip.setPointerCapture(event.pointerId);
    dragged?.classList.add("dragged");
  });
  list.addEventListener("pointermove", (event) => {
    if (!dragged) return;
    for (const row of list.querySelectorAll("li:not(.end)")) {
      const { top, height } = row.getBoundingClientRect();
      if (row === dragged || event.clientY < top || event.clientY > top + height) continue;
      if (event.clientY < top + height / 2) row.before(dragged);
      else row.after(dragged);
      break;
    }
  });
  const drop = () => {
    if (!dragged) return;
    dragged.classList.remove("dragged");
    dragged = null;
    onDropped();
  };
  list.addEventListener("pointerup", drop);
  list.addEventListener("lostpointercapture", drop);
  list.addEventListener("pointercancel", drop);
}

/**
 * Move rules with Alt and the arrows.
 * @param {HTMLElement} list
 * @param {(row: HTMLElement, step: number) => void} move
 */
export function bindStepping(list, move) {
  list.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.code];
    const row = event.target instanceof Element ? event.target.closest("li") : null;
    if (!event.altKey || !step || !(row instanceof HTMLElement) || row.matches(".end")) return;
    event.preventDefault();
    move(row, step);
  });
}
