// The part of the map that no card covers: what is shown to the reader is shown there.

import { isPhone } from "./sheet.js";

const CLOSEST_FIT_ZOOM = 16;
const EDGE_PX = 16;
const SEARCH_PX = 72;
const PEEKING_CARD_PX = 126;
const SCALE_PX = 44;

/** Fit a box [west, south, east, north] into the free part. */
export function fitBox(map, [west, south, east, north], options = {}) {
  map.fitBounds([[south, west], [north, east]], { ...covered(), maxZoom: CLOSEST_FIT_ZOOM, ...options });
}

/** Move the map no more than is needed to see the whole unit; what is larger than the free part is centred in it. */
export function uncover(map, { bbox, center }) {
  const [west, south, east, north] = bbox ?? [...center, ...center];
  const topLeft = map.latLngToContainerPoint([north, west]);
  const bottomRight = map.latLngToContainerPoint([south, east]);
  const { paddingTopLeft: [left, top], paddingBottomRight } = covered();
  const free = map.getSize().subtract(paddingBottomRight);
  const by = [shift(topLeft.x, bottomRight.x, left, free.x), shift(topLeft.y, bottomRight.y, top, free.y)];
  if (Math.hypot(...by) > 1) map.panBy(by);
}

function shift(from, to, least, most) {
  if (to - from > most - least) return (from + to - least - most) / 2;
  return from < least ? from - least : Math.max(0, to - most);
}

/** Pixels covered at each edge, as Leaflet's paddings. */
function covered() {
  const card = sizeOf("card");
  const detail = sizeOf("detail");
  if (isPhone()) {
    return { paddingTopLeft: [EDGE_PX, SEARCH_PX], paddingBottomRight: [EDGE_PX, (detail.height || PEEKING_CARD_PX) + EDGE_PX] };
  }
  return { paddingTopLeft: [card.width + 28, 20], paddingBottomRight: [detail.width ? detail.width + 24 : EDGE_PX, SCALE_PX] };
}

const sizeOf = (id) => document.getElementById(id).getBoundingClientRect();
