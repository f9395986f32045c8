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
  /** @param {Element | null} row */
  const middle = (row) => {
    if (!row || row.matches(".end")) return NaN;
    const { top, height } = row.getBoundingClientRect();
    return top + height / 2;
  };
  list.addEventListener("pointermove", (event) => {
    if (!dragged) return;
    // The others make way: a row that is taken out and put in again would lose the pointer.
    while (event.clientY > middle(dragged.nextElementSibling)) dragged.before(/** @type {Element} */ (dragged.nextElementSibling));
    while (event.clientY < middle(dragged.previousElementSibling)) dragged.after(/** @type {Element} */ (dragged.previousElementSibling));
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
