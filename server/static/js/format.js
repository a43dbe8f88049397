// Numbers, areas, places and times as people read them.

import { language, t } from "./words.js";

const locale = language === "zh" ? "zh-CN" : "en-GB";
const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat(locale, { notation: "compact", maximumSignificantDigits: 3 });
const significant = new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 });
const oneDecimal = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
const moment = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
const COMPACT_FROM = 10_000;
const M2_PER_KM2 = 1_000_000;
const KM2_FROM_M2 = 100_000;

export const NONE = "–";

export const integer = (value) => (value == null ? NONE : whole.format(value));

/** A number in few characters: 1.2万, 12.3K, 857, 0.42. */
export function short(value) {
  if (value == null) return NONE;
  if (Math.abs(value) >= COMPACT_FROM) return compact.format(value);
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return whole.format(value);
  return Math.abs(value) >= 100 ? oneDecimal.format(value) : significant.format(value);
}

export function area(m2) {
  if (m2 == null) return NONE;
  if (m2 < KM2_FROM_M2) return `${whole.format(m2)} ${t("m²")}`;
  return `${significant.format(m2 / M2_PER_KM2)} ${t("km²")}`;
}

export const density = (people, m2) => (people == null || !m2 ? NONE : `${short(Math.round(people / (m2 / M2_PER_KM2)))}${t("/km²")}`);

export const metres = (value) => (value >= 1000 ? `${significant.format(value / 1000)} ${t("km")}` : `${whole.format(value)} ${t("m")}`);

export const dateTime = (iso) => (iso ? moment.format(new Date(iso)) : NONE);

export const date = (iso) => (iso ? day.format(new Date(iso)) : NONE);

export const coordinates = ({ lng, lat }) => `${lng.toFixed(5)}, ${lat.toFixed(5)}`;
