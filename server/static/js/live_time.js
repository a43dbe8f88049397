// How long there still is, and how late it is, as a dispatcher reads it.

import { t } from "./words.js";

const MINUTE_MS = 60_000;
const HOUR_MIN = 60;
const DAY_MIN = 24 * HOUR_MIN;

/** 01:23 below a day, 2 d 3 h above. */
export function span(ms) {
  const minutes = Math.floor(Math.abs(ms) / MINUTE_MS);
  if (minutes >= DAY_MIN) return t("{d} d {h} h", { d: Math.floor(minutes / DAY_MIN), h: Math.floor((minutes % DAY_MIN) / HOUR_MIN) });
  return `${two(Math.floor(minutes / HOUR_MIN))}:${two(minutes % HOUR_MIN)}`;
}

const two = (n) => String(n).padStart(2, "0");

/** "due in 01:23", "late 02:10", "clock stopped", or nothing where no limit runs. */
export function dueWords(one, now = Date.now()) {
  if (one.state === "suspended") return t("clock stopped");
  if (one.due === null) return t("no limit");
  return one.due < now ? t("late {time}", { time: span(now - one.due) }) : t("due in {time}", { time: span(one.due - now) });
}

/** Working minutes in few words. */
export function minuteWords(minutes) {
  if (minutes == null) return "–";
  return minutes < HOUR_MIN ? t("{n} min", { n: Math.round(minutes) }) : t("{n} h", { n: (minutes / HOUR_MIN).toFixed(minutes < 600 ? 1 : 0) });
}

export const ago = (ms, now = Date.now()) => t("{time} ago", { time: span(now - ms) });
