// Dragging a facility over the map, with the mouse or a finger; the map itself stays where it is meanwhile.

const CLICK_PX = 4;

export class Dragging {
  /** `may()` says whether dragging is wanted now, `moved(one, {lon, lat})` hears every step, `done(one)` the end. */
  constructor(map, { may, moved, done }) {
    Object.assign(this, { map, may, moved, done });
    this.box = map.map.getContainer();
    this.box.addEventListener("pointerdown", (event) => this.begin(event), { capture: true });
  }

  begin(event) {
    if (!this.may() || this.map.tool || event.button > 0 || event.target.closest(".leaflet-control, .site-mark")) return;
    const touch = event.pointerType === "touch";
    const one = this.map.points.under(this.placeOf(event), { touch });
    if (!one || one.change?.what === "close") return;
    event.stopPropagation();
    this.map.map.dragging.disable();
    L.DomUtil.disableTextSelection();
    const from = this.placeOf(event);
    let dragged = false;
    const move = (step) => {
      if (step.pointerId !== event.pointerId) return;
      const at = this.placeOf(step);
      dragged ||= at.distanceTo(from) > CLICK_PX;
      if (!dragged) return;
      const { lng, lat } = this.map.map.containerPointToLatLng(at);
      this.moved(one, { lon: lng, lat });
    };
    const end = (last) => {
      if (last.pointerId !== event.pointerId) return;
      for (const [name, heard] of heardOn) window.removeEventListener(name, heard);
      this.map.map.dragging.enable();
      L.DomUtil.enableTextSelection();
      this.done(this.map.points.standing.find(({ id }) => id === one.id));
    };
    const heardOn = [["pointermove", move], ["pointerup", end], ["pointercancel", end]];
    for (const [name, heard] of heardOn) window.addEventListener(name, heard);
  }

  placeOf(event) {
    return this.map.map.mouseEventToContainerPoint(event);
  }
}
