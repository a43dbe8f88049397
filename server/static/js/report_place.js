// Where it is: by the device's position, by a tap on the map, by dragging the pin.

import { Ground, myPosition, pinIcon } from "./citizen_ground.js";
import { t } from "./words.js";

const ZOOM = 17;
const element = (id) => document.getElementById(id);

export class Place {
  constructor({ map, page, changed }) {
    this.map = map;
    this.changed = changed;
    const [west, south, east, north] = page.bbox;
    map.fitBounds([[south, west], [north, east]], { animate: false });
    this.ground = new Ground(map, page);
    map.on("click", ({ latlng }) => this.set(latlng));
    element("locate").addEventListener("click", () => this.locate({ asked: true }));
    this.locate({ asked: false });
  }

  /** The position is asked for at once, which saves a tap; a pin that was set meanwhile stays. */
  async locate({ asked }) {
    this.say(t("Looking for your position …"));
    try {
      const { latlng, accuracy } = await myPosition();
      if (asked || !this.latlng) this.set(latlng, { accuracy, go: true });
    } catch (problem) {
      if (asked || !this.latlng) this.say(problem.message);
    }
  }

  set(latlng, { accuracy = null, go = false } = {}) {
    this.latlng = latlng;
    this.accuracy = accuracy;
    if (!this.pin) {
      this.pin = L.marker(latlng, { draggable: true, autoPan: true, icon: pinIcon(), keyboard: true }).addTo(this.map);
      this.pin.on("dragend", () => this.set(this.pin.getLatLng()));
    }
    this.pin.setLatLng(latlng);
    if (go || this.map.getZoom() < ZOOM - 2) this.map.setView(latlng, ZOOM, { animate: false });
    this.changed();
  }

  /** Which community it is, when the server has said so. */
  tell(words) {
    const near = this.accuracy == null ? "" : ` (${t("within {n} m", { n: Math.max(1, Math.round(this.accuracy)) })})`;
    this.say(`${words}${near} ${t("The pin can be dragged.")}`);
  }

  say(words) {
    element("place-said").textContent = words;
  }
}
