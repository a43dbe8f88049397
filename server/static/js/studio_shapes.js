// Shapes in one flat plane that a single transform brings to any zoom: pixels of zoom 0, counted from the city's middle.

const WORLD_PX = 256;
const SCAN_LINES = 5;

export class Ground {
  /** The plane of a city that lies in [west, south, east, north], degrees. */
  constructor([west, south, east, north]) {
    this.origin = mercator((west + east) / 2, (south + north) / 2);
  }

  at([lon, lat]) {
    const [x, y] = mercator(lon, lat);
    return [x - this.origin[0], y - this.origin[1]];
  }

  /** [lon, lat] of a point of the plane. */
  lonLat([x, y]) {
    const lon = ((x + this.origin[0]) / WORLD_PX - 0.5) * 360;
    const lat = (Math.atan(Math.sinh(2 * Math.PI * (0.5 - (y + this.origin[1]) / WORLD_PX))) * 180) / Math.PI;
    return [lon, lat];
  }

  /** A GeoJSON polygon or multipolygon as something to draw and to hit: {path, rings, box}. */
  shape(geometry) {
    const polygons = geometry.type === "MultiPolygon" ? geometry.coordinates : [geometry.coordinates];
    const path = new Path2D();
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    const rings = polygons.flat().map((ring) => this.ring(ring, path, box));
    return { path, rings, box };
  }

  ring(coordinates, path, box) {
    const flat = new Float64Array(coordinates.length * 2);
    coordinates.forEach((lonLat, i) => {
      const [x, y] = this.at(lonLat);
      flat[2 * i] = x;
      flat[2 * i + 1] = y;
      if (i === 0) path.moveTo(x, y);
      else path.lineTo(x, y);
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x);
      box[3] = Math.max(box[3], y);
    });
    path.closePath();
    return flat;
  }
}

function mercator(lon, lat) {
  const y = Math.asinh(Math.tan((lat * Math.PI) / 180)) / (2 * Math.PI);
  return [WORLD_PX * (lon / 360 + 0.5), WORLD_PX * (0.5 - y)];
}

export const overlaps = (a, b) => a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3];

export function joined(boxes) {
  return boxes.reduce((all, box) => [Math.min(all[0], box[0]), Math.min(all[1], box[1]), Math.max(all[2], box[2]), Math.max(all[3], box[3])], [Infinity, Infinity, -Infinity, -Infinity]);
}

/** Does a shape cover a point? Even-odd over all of its rings. */
export function covers({ rings, box }, [x, y]) {
  if (x < box[0] || x > box[2] || y < box[1] || y > box[3]) return false;
  return rings.reduce((inside, ring) => inside !== ringCovers(ring, x, y), false);
}

function ringCovers(ring, x, y) {
  let inside = false;
  for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
    const crosses = ring[i + 1] > y !== ring[j + 1] > y;
    if (crosses && x < ((ring[j] - ring[i]) * (y - ring[i + 1])) / (ring[j + 1] - ring[i + 1]) + ring[i]) inside = !inside;
  }
  return inside;
}

/** A point inside of a shape with as much room to either side as can be had, and that room: [x, y, width]. */
export function roomiest({ rings, box }) {
  let best = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2, 0];
  for (let line = 1; line <= SCAN_LINES; line += 1) {
    const y = box[1] + ((box[3] - box[1]) * line) / (SCAN_LINES + 1);
    const bonus = line === (SCAN_LINES + 1) / 2 ? 1.15 : 1; // the middle, unless it is clearly narrower
    const crossings = rings.flatMap((ring) => crossingsOf(ring, y)).sort((a, b) => a - b);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const width = crossings[i + 1] - crossings[i];
      if (width * bonus > best[2]) best = [(crossings[i] + crossings[i + 1]) / 2, y, width];
    }
  }
  return best;
}

function crossingsOf(ring, y) {
  const found = [];
  for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
    if (ring[i + 1] > y !== ring[j + 1] > y) found.push(((ring[j] - ring[i]) * (y - ring[i + 1])) / (ring[j + 1] - ring[i + 1]) + ring[i]);
  }
  return found;
}
