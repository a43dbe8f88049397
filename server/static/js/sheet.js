// On a phone, cards are sheets that come up from the bottom: three heights, by drag, tap or keyboard.

const HEIGHTS = ["peek", "half", "full"];
const DRAG_FROM_PX = 6;
const phone = window.matchMedia("(max-width: 767.98px)");

export const isPhone = () => phone.matches;

export class Sheet {
  constructor(element, { height = "half" } = {}) {
    this.element = element;
    this.handle = element.querySelector(".sheet-handle");
    this.setHeight(height);
    this.handle.addEventListener("click", () => !this.dragged && this.setHeight(this.height === "peek" ? "half" : "peek"));
    this.handle.addEventListener("keydown", (event) => this.key(event));
    this.handle.addEventListener("pointerdown", (event) => this.drag(event));
  }

  setHeight(height) {
    this.height = height;
    this.element.dataset.height = height;
    this.handle.setAttribute("aria-expanded", String(height !== "peek"));
  }

  key(event) {
    const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    this.setHeight(HEIGHTS[Math.min(2, Math.max(0, HEIGHTS.indexOf(this.height) + step))]);
  }

  drag(start) {
    if (!isPhone()) return;
    const from = this.element.getBoundingClientRect().height;
    this.dragged = false;
    this.handle.setPointerCapture(start.pointerId);
    const move = (event) => {
      const way = start.clientY - event.clientY;
      if (Math.abs(way) < DRAG_FROM_PX && !this.dragged) return;
      this.dragged = true;
      this.element.classList.add("is-dragged");
      this.element.style.setProperty("--sheet-height", `${Math.max(72, from + way)}px`);
    };
    const end = () => {
      this.handle.removeEventListener("pointermove", move);
      this.element.classList.remove("is-dragged");
      if (this.dragged) this.settle(this.element.getBoundingClientRect().height || from);
      this.element.style.removeProperty("--sheet-height");
      setTimeout(() => { this.dragged = false; }, 0);
    };
    this.handle.addEventListener("pointermove", move);
    this.handle.addEventListener("pointerup", end, { once: true });
    this.handle.addEventListener("pointercancel", end, { once: true });
  }

  settle(px) {
    const share = (parseFloat(this.element.style.getPropertyValue("--sheet-height")) || px) / window.innerHeight;
    this.setHeight(share < 0.26 ? "peek" : share < 0.66 ? "half" : "full");
  }
}
