// Where much was reported: spots laid over each other on a small canvas, coloured by how dense they are, drawn large.

const SHRINK = 4; // the eye sees no difference, and a sixteenth of the pixels is coloured
const SPOT_PX = 34;
const LEAST_ALPHA = 0.03;
const STRONGEST = 205;
const RAMP = [[0, "#2b6cb0"], [0.35, "#3aa17e"], [0.6, "#e8c547"], [0.8, "#e07b39"], [1, "#b3200e"]];

export class Heat {
  constructor() {
    this.canvas = document.createElement("canvas");
    this.spot = spot(SPOT_PX / SHRINK);
    this.colours = ramp();
  }

  /** `places`: points of the plane, each with a weight from 0 to 1. */
  paint(pen, view, places) {
    const [width, height] = [Math.ceil(pen.canvas.clientWidth / SHRINK), Math.ceil(pen.canvas.clientHeight / SHRINK)];
    if (!width || !height) return;
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    const small = this.canvas.getContext("2d", { willReadFrequently: true });
    small.clearRect(0, 0, width, height);
    const half = this.spot.width / 2;
    for (const { x, y, weight } of places) {
      const [left, top] = view.toPx([x, y]);
      if (left < -SPOT_PX || top < -SPOT_PX || left > width * SHRINK + SPOT_PX || top > height * SHRINK + SPOT_PX) continue;
      small.globalAlpha = Math.max(LEAST_ALPHA, weight);
      small.drawImage(this.spot, left / SHRINK - half, top / SHRINK - half);
    }
    this.colour(small, width, height);
    view.pixels();
    pen.imageSmoothingEnabled = true;
    pen.drawImage(this.canvas, 0, 0, width * SHRINK, height * SHRINK);
  }

  colour(small, width, height) {
    const image = small.getImageData(0, 0, width, height);
    const { data } = image;
    for (let i = 3; i < data.length; i += 4) {
      if (!data[i]) continue;
      const at = data[i] * 4;
      data[i - 3] = this.colours[at];
      data[i - 2] = this.colours[at + 1];
      data[i - 1] = this.colours[at + 2];
      data[i] = Math.min(STRONGEST, 2 * data[i]);
    }
    small.putImageData(image, 0, 0);
  }
}

function spot(radius) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = Math.ceil(2 * radius);
  const pen = canvas.getContext("2d");
  const fade = pen.createRadialGradient(radius, radius, 0, radius, radius, radius);
  fade.addColorStop(0, "rgb(0 0 0 / 60%)");
  fade.addColorStop(1, "rgb(0 0 0 / 0%)");
  pen.fillStyle = fade;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  return canvas;
}

function ramp() {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: 256, height: 1 });
  const pen = canvas.getContext("2d");
  const line = pen.createLinearGradient(0, 0, 256, 0);
  for (const [at, colour] of RAMP) line.addColorStop(at, colour);
  pen.fillStyle = line;
  pen.fillRect(0, 0, 256, 1);
  return pen.getImageData(0, 0, 256, 1).data;
}
