// Bringing something into the part of the map that nothing covers.

const CLOSEST_ZOOM = 16;
const EDGE_PX = 36;

/** Fit a box of the plane of studio_shapes.js. */
export function fitBox(map, ground, [left, top, right, bottom], options = {}) {
  const [west, north] = ground.lonLat([left, top]);
  const [east, south] = ground.lonLat([right, bottom]);
  map.fitBounds([[south, west], [north, east]], { padding: [EDGE_PX, EDGE_PX], maxZoom: CLOSEST_ZOOM, ...options });
}
