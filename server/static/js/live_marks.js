// Marks of cases and officers, drawn once and stamped from then on. Shape tells the urgency, sign and colour the stage, a ring what is late.

import { STAGES } from "./live_stages.js";

export const MARK_PX = 26;
const MIDDLE = MARK_PX / 2;
const RADIUS = { 1: 8.5, 2: 7, 3: 5.6 };
const INK = "#17212f";
const LATE = "#b3200e";
const URGENT = "#c04a00";
const FULL_TURN = 2 * Math.PI;

/** Stamps by "urgency/stage/late", for one density of the screen. */
export function stamps(colours, ratio) {
  const made = new Map();
  for (const urgency of [1, 2, 3]) {
    for (const stage of STAGES) {
      for (const late of [false, true]) made.set(key(urgency, stage, late), stamp(ratio, (pen) => drawMark(pen, { urgency, stage, late, colour: colours[stage] })));
    }
  }
  return made;
}

export const key = (urgency, stage, late) => `${urgency}/${stage}/${late ? 1 : 0}`;

function stamp(ratio, draw) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = Math.round(MARK_PX * ratio);
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  draw(pen);
  return canvas;
}

export function drawMark(pen, { urgency, stage, late, colour }) {
  const radius = RADIUS[urgency];
  if (late) ring(pen, radius + 3.2);
  outline(pen, urgency, radius);
  pen.fillStyle = colour;
  pen.fill();
  pen.lineWidth = 1.4;
  pen.strokeStyle = "#fff";
  pen.stroke();
  sign(pen, stage, urgency === 1 ? 1.6 : 0);
}

function ring(pen, radius) {
  pen.beginPath();
  pen.arc(MIDDLE, MIDDLE, radius, 0, FULL_TURN);
  pen.fillStyle = "rgb(255 255 255 / 70%)";
  pen.fill();
  pen.lineWidth = 2;
  pen.strokeStyle = LATE;
  pen.stroke();
}

/** Urgent is a triangle, soon a diamond, ordinary a circle. */
function outline(pen, urgency, radius) {
  pen.beginPath();
  if (urgency === 3) return pen.arc(MIDDLE, MIDDLE, radius, 0, FULL_TURN);
  const corners = urgency === 1 ? 3 : 4;
  for (let i = 0; i < corners; i += 1) {
    const turn = -FULL_TURN / 4 + (i * FULL_TURN) / corners;
    pen.lineTo(MIDDLE + radius * Math.cos(turn), MIDDLE + radius * Math.sin(turn) + (urgency === 1 ? 1 : 0));
  }
  return pen.closePath();
}

/** A dot: somebody has it. A tick: it is done and to be verified. Two bars: the clock stands still. Nothing: it waits for you. */
function sign(pen, stage, down) {
  pen.fillStyle = pen.strokeStyle = "#fff";
  pen.lineWidth = 1.5;
  pen.beginPath();
  if (stage === "in_hand") {
    pen.arc(MIDDLE, MIDDLE + down, 1.9, 0, FULL_TURN);
    pen.fill();
  } else if (stage === "to_verify") {
    pen.moveTo(MIDDLE - 2.6, MIDDLE + down);
    pen.lineTo(MIDDLE - 0.6, MIDDLE + 2 + down);
    pen.lineTo(MIDDLE + 2.8, MIDDLE - 2.2 + down);
    pen.stroke();
  } else if (stage === "suspended") {
    pen.fillRect(MIDDLE - 2.3, MIDDLE - 2.2 + down, 1.5, 4.4);
    pen.fillRect(MIDDLE + 0.8, MIDDLE - 2.2 + down, 1.5, 4.4);
  }
}

/** Many in one place: their number, and beside it how many are late (red) and urgent (a triangle). */
export function drawBubble(pen, [x, y], { n, late, urgent }) {
  const radius = bubbleRadius(n);
  pen.beginPath();
  pen.arc(x, y, radius, 0, FULL_TURN);
  pen.fillStyle = "rgb(255 255 255 / 90%)";
  pen.fill();
  pen.lineWidth = late || urgent ? 2 : 1.2;
  pen.strokeStyle = late ? LATE : urgent ? URGENT : "#4a5768";
  pen.stroke();
  write(pen, String(n), [x, y], { colour: INK, size: n > 999 ? 10.5 : 12 });
  if (late) badge(pen, [x + radius * 0.75, y - radius * 0.75], String(late));
  if (urgent) triangle(pen, [x - radius * 0.75, y - radius * 0.75], String(urgent));
}

function badge(pen, [x, y], words) {
  const half = 5 + 3.2 * words.length;
  pen.beginPath();
  pen.roundRect(x - half, y - 7.5, 2 * half, 15, 7.5);
  outlined(pen, LATE);
  write(pen, words, [x, y], { colour: "#fff", size: 10 });
}

function triangle(pen, [x, y], words) {
  const half = 9 + 1.6 * words.length;
  pen.beginPath();
  pen.moveTo(x, y - half);
  pen.lineTo(x + half, y + half * 0.72);
  pen.lineTo(x - half, y + half * 0.72);
  pen.closePath();
  outlined(pen, URGENT);
  write(pen, words, [x, y + 2], { colour: "#fff", size: 9.5 });
}

function outlined(pen, colour) {
  pen.fillStyle = colour;
  pen.fill();
  pen.lineWidth = 1.4;
  pen.strokeStyle = "#fff";
  pen.stroke();
}

function write(pen, words, [x, y], { colour, size }) {
  pen.fillStyle = colour;
  pen.font = `600 ${size}px system-ui, sans-serif`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(words, x, y + 0.5);
}

export const bubbleRadius = (n) => Math.min(20, 9 + 1.7 * Math.log2(n));

/** The chosen case, larger than life. */
export function drawChosen(pen, [x, y]) {
  for (const [colour, width] of [["#fff", 5], ["#14508c", 2.5]]) {
    pen.beginPath();
    pen.arc(x, y, 15, 0, FULL_TURN);
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.stroke();
  }
}

/** A new case: a ring that widens, `age` from 0 to 1. */
export function drawPulse(pen, [x, y], { age, urgent }) {
  const beat = (age * 4) % 1;
  pen.beginPath();
  pen.arc(x, y, 8 + 22 * beat, 0, FULL_TURN);
  pen.lineWidth = 3;
  pen.strokeStyle = urgent ? LATE : "#14508c";
  pen.globalAlpha = 1 - beat;
  pen.stroke();
  pen.globalAlpha = 1;
}

/** An officer: a square with the number of cases in hand; from afar only a dot. */
export function drawOfficer(pen, [x, y], { load, chosen, hot, near }) {
  const half = near || chosen ? 9 : 2.2;
  pen.beginPath();
  pen.roundRect(x - half, y - half, 2 * half, 2 * half, near ? 5 : 1);
  pen.fillStyle = hot ? "#5a4fa2" : load ? "#3d4a5c" : "#1a7f4b";
  pen.fill();
  if (!near && !chosen) return;
  pen.lineWidth = chosen ? 3 : 1.4;
  pen.strokeStyle = chosen ? "#14508c" : "#fff";
  pen.stroke();
  write(pen, load > 99 ? "99" : String(load), [x, y], { colour: "#fff", size: 11 });
}
