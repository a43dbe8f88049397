// Figures by unit, sorted into classes.

import { get } from "./api.js";

const cache = new Map();

/** Figures of one measure at one level, asked for once: {values, breaks, unit, asOf, classOf, counts}. */
export function figures(level, measure) {
  const key = `${level}/${measure}`;
  if (!cache.has(key)) {
    const asked = get("/figures", { level, measure }).then((answer) => classified(answer));
    asked.catch(() => cache.delete(key));
    cache.set(key, asked);
  }
  return cache.get(key);
}

/** Ask anew for what was asked before: another plan is in force. */
export const forgetFigures = () => cache.clear();

/** Classes are half-open upwards, the last one closed: [b0, b1), [b1, b2), … [bn-1, bn]. */
function classified({ level, measure, unit, as_of: asOf, values, breaks }) {
  const classes = Math.max(1, breaks.length - 1);
  const classOf = (code) => classOfValue(values[code], breaks);
  const counts = new Array(classes).fill(0);
  for (const code of Object.keys(values)) {
    const found = classOf(code);
    if (found !== null) counts[found] += 1;
  }
  return { level, measure, unit, asOf, values, breaks, classes, classOf, counts };
}

function classOfValue(value, breaks) {
  if (value == null) return null;
  const last = Math.max(0, breaks.length - 2);
  for (let i = 0; i < last; i += 1) {
    if (value < breaks[i + 1]) return i;
  }
  return last;
}

/** The place of a unit among all of its level, largest first: {rank, of}, or null without a figure. */
export function rankOf({ values }, code) {
  const own = values[code];
  if (own == null) return null;
  const all = Object.values(values).filter((value) => value != null);
  return { rank: 1 + all.filter((value) => value > own).length, of: all.length };
}
