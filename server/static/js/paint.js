// How one thing is drawn on a tile's canvas. Lengths are CSS pixels.

import { short } from "./format.js";

const NO_DATA_FILL = "#f4f5f7";
const NO_DATA_HATCH = "#c3cad3";
const INK = "#101a2b";
const BUBBLE_FILL = "rgba(156, 47, 25, 0.88)";
const SEAM_PX = 0.6;

let hatch = null;

/** A value between stops [[zoom, value], …], straight lines between them. */
export function atZoom(stops, zoom) {
  if (!stops?.length) return 1;
  if (zoom <= stops[0][0]) return stops[0][1];
  for (let i = 1; i < stops.length; i += 1) {
    const [zoomBefore, before] = stops[i - 1];
    const [zoomHere, here] = stops[i];
    if (zoom <= zoomHere) return before + ((zoom - zoomBefore) / (zoomHere - zoomBefore)) * (here - before);
  }
  return stops.at(-1)[1];
}

export function drawFill(context, features, colourOf, opacity) {
  context.globalAlpha = opacity;
  for (const { path, properties } of features) {
    const colour = colourOf(properties.code);
    context.fillStyle = colour ?? NO_DATA_FILL;
    context.fill(path, "evenodd");
    if (opacity === 1) {
      context.strokeStyle = context.fillStyle; // hides the hairline that antialiasing leaves between neighbours
      context.lineWidth = SEAM_PX;
      context.stroke(path);
    }
    if (colour === null) {
      context.fillStyle = noDataHatch(context);
      context.fill(path, "evenodd");
    }
  }
  context.globalAlpha = 1;
}

/** Many small units: one path for each colour, so that neighbours of one colour leave no hairline and no pen stroke is needed. */
export function drawFillTogether(context, features, colourOf, opacity) {
  const paths = new Map();
  for (const { path, properties } of features) {
    const colour = colourOf(properties.id ?? properties.code, properties) ?? NO_DATA_FILL;
    if (!paths.has(colour)) paths.set(colour, new Path2D());
    paths.get(colour).addPath(path);
  }
  context.globalAlpha = opacity;
  for (const [colour, path] of paths) {
    context.fillStyle = colour;
    context.fill(path);
  }
  context.globalAlpha = 1;
}

export function drawLine(context, features, paint, zoom) {
  context.strokeStyle = paint.colour;
  context.lineWidth = atZoom(paint.width, zoom);
  context.lineJoin = "round";
  context.setLineDash(paint.dash ?? []);
  for (const { path } of features) context.stroke(path);
  context.setLineDash([]);
}

export function drawOutline(context, path, kind) {
  context.lineJoin = "round";
  const [casing, line] = kind === "selected" ? [6.5, 3.25] : [4, 2];
  context.strokeStyle = "#ffffff";
  context.lineWidth = casing;
  context.stroke(path);
  context.strokeStyle = INK;
  context.lineWidth = line;
  context.stroke(path);
}

export function drawMark(context, x, y, radius, { shape, colour }) {
  if (shape === "ring") return drawRing(context, x, y, radius, colour);
  context.beginPath();
  if (shape === "square") context.rect(x - radius * 0.88, y - radius * 0.88, radius * 1.76, radius * 1.76);
  else if (shape === "diamond") polygon(context, x, y, radius * 1.25, [0, 1, 2, 3].map((i) => (i * Math.PI) / 2));
  else if (shape === "triangle") polygon(context, x, y, radius * 1.25, [-0.5, 1 / 6, 5 / 6].map((i) => i * Math.PI));
  else context.arc(x, y, radius, 0, 2 * Math.PI);
  context.closePath();
  context.fillStyle = colour;
  context.strokeStyle = "#ffffff";
  context.lineWidth = 1.5;
  context.lineJoin = "round";
  context.stroke();
  context.fill();
}

/** Incidents are rings, so that they are never taken for a facility. */
function drawRing(context, x, y, radius, colour) {
  for (const [style, width] of [["#ffffff", radius * 0.9 + 2], [colour, radius * 0.9]]) {
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.strokeStyle = style;
    context.lineWidth = width;
    context.stroke();
  }
  context.fillStyle = "#ffffff";
  context.fill();
}

/** Draw a count; returns the radius. */
export function drawBubble(context, x, y, n) {
  const text = short(n);
  const radius = Math.min(19, 6 + 2.6 * Math.log10(n + 1) + text.length * 1.6);
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = BUBBLE_FILL;
  context.strokeStyle = "rgba(255, 255, 255, 0.9)";
  context.lineWidth = 1.5;
  context.fill();
  context.stroke();
  context.fillStyle = "#ffffff";
  context.font = "600 10.5px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(text, x, y + 0.5);
  return radius;
}

function polygon(context, x, y, radius, angles) {
  angles.forEach((angle, i) => {
    const corner = [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
    if (i === 0) context.moveTo(...corner);
    else context.lineTo(...corner);
  });
}

function noDataHatch(context) {
  if (!hatch) {
    const swatch = document.createElement("canvas");
    swatch.width = 8;
    swatch.height = 8;
    const pen = swatch.getContext("2d");
    pen.strokeStyle = NO_DATA_HATCH;
    pen.lineWidth = 1.2;
    pen.beginPath();
    for (const [from, to] of [[[-2, 2], [2, -2]], [[0, 8], [8, 0]], [[6, 10], [10, 6]]]) {
      pen.moveTo(...from);
      pen.lineTo(...to);
    }
    pen.stroke();
    hatch = swatch;
  }
  return context.createPattern(hatch, "repeat");
}
