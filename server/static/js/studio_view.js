// Bringing something into the part of the map that nothing covers.

import { isPhone } from "./sheet.js";

const CLOSEST_ZOOM = 16;
const EDGE_PX = 36;
const LEGEND_PX = 60;

/** Fit a box of the plane of studio_shapes.js. */
export function fitBox(map, ground, [left, top, right, bottom], options = {}) {
  const [west, north] = ground.lonLat([left, top]);
  const [east, south] = ground.lonLat([right, bottom]);
  const covered = isPhone() ? document.getElementById("studio-panel").getBoundingClientRect().height : 0;
  map.fitBounds([[south, west], [north, east]], { paddingTopLeft: [EDGE_PX, EDGE_PX + (covered ? LEGEND_PX : 0)], paddingBottomRight: [EDGE_PX, EDGE_PX + covered], maxZoom: CLOSEST_ZOOM, ...options });
}
