// Numbers, areas, places and times as people read them.

import { language, t } from "./words.js";

const locale = language === "zh" ? "zh-CN" : "en-GB";
const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat(locale, { notation: "compact", maximumSignificantDigits: 3 });
const significant = new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 });
const oneDecimal = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
const timeZone = document.documentElement.dataset.timezone ?? "Asia/Shanghai"; // a reader elsewhere still wants the city's
const moment = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short", timeZone });
const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone });
const isoDay = new Intl.DateTimeFormat("sv-SE", { timeZone }); // Sweden writes 2026-11-05
const weekday = new Intl.DateTimeFormat(locale, { weekday: "short", timeZone: "UTC" });
const WEEKDAYS = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];
const A_MONDAY = Date.UTC(2024, 0, 1);
const DAY_MS = 86_400_000;
const COMPACT_FROM = 10_000;
const M2_PER_KM2 = 1_000_000;
const KM2_FROM_M2 = 100_000;
const LEAST_M2 = 0.01;

export const NONE = "–";

export const integer = (value) => (value == null ? NONE : whole.format(value));

/** A number in few characters: 1.2万, 12.3K, 857, 0.42. */
export function short(value) {
  if (value == null) return NONE;
  if (Math.abs(value) >= COMPACT_FROM) return compact.format(value);
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return whole.format(value);
  return Math.abs(value) >= 100 ? oneDecimal.format(value) : significant.format(value);
}

/** Square metres, or square kilometres from a tenth of one; what is small keeps its digits. */
export function area(m2) {
  if (m2 == null) return NONE;
  if (m2 > 0 && m2 < LEAST_M2) return `< ${significant.format(LEAST_M2)} ${t("m²")}`;
  if (m2 < 10) return `${significant.format(m2)} ${t("m²")}`;
  if (m2 < KM2_FROM_M2) return `${whole.format(m2)} ${t("m²")}`;
  return `${significant.format(m2 / M2_PER_KM2)} ${t("km²")}`;
}

export const density = (people, m2) => (people == null || !m2 ? NONE : `${short(Math.round(people / (m2 / M2_PER_KM2)))}${t("/km²")}`);

export const metres = (value) => (value >= 1000 ? `${significant.format(value / 1000)} ${t("km")}` : `${whole.format(value)} ${t("m")}`);

export const dateTime = (iso) => (iso ? moment.format(new Date(iso)) : NONE);

/** The day that it is in the city, or is some days later, as 2026-11-05. */
export const cityDay = (daysLater = 0) => isoDay.format(Date.now() + daysLater * DAY_MS);

/** The month of a moment in the city, as 2026-11. */
export const cityMonth = (iso) => isoDay.format(new Date(iso)).slice(0, 7);

/** A moment of coming into force as the server is asked for it: today means as soon as possible. */
export const sinceAsked = (chosen) => (chosen && chosen !== cityDay() ? { since: chosen } : {});

export const date = (iso) => (iso ? day.format(new Date(iso)) : NONE);

/** Opening hours as in OpenStreetMap (Mo-Fr 08:30-17:30), with the weekdays in the reader's words. */
export function openingHours(hours) {
  if (!hours) return NONE;
  return hours.replace(/\b(Mo|Tu|We|Th|Fr|Sa|Su)\b/g, (name) => weekday.format(A_MONDAY + WEEKDAYS.indexOf(name) * DAY_MS)).replace(/,(?=\d)/g, ", ");
}

export const coordinates = ({ lng, lat }) => `${lng.toFixed(5)}, ${lat.toFixed(5)}`;
