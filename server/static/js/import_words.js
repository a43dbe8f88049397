// What the keys of an import are called: kinds, states, steps, columns, severities, amounts.

import { area, integer, metres } from "./format.js";
import { t } from "./words.js";

export const SEVERITIES = ["error", "left_out", "repaired", "notice"];
export const RUNNING = ["checking", "applying"];

const KINDS = {
  areas: "Administrative areas", cells: "Basic units", grids: "Grids", population: "Residents", facilities: "Facilities", incidents: "Incidents",
  places: "Places to inspect", network: "Streets",
};

const STATES = {
  uploaded: "Uploading", checking: "Checking", checked: "Checked", applying: "Applying", applied: "Applied", failed: "Failed", cancelled: "Cancelled",
};

const SEVERITY_WORDS = { error: "Errors", left_out: "Rows left out", repaired: "Mended", notice: "Notices" };

const ONE_SEVERITY = { error: "Error", left_out: "Left out", repaired: "Mended", notice: "Notice" };

const FIELDS = {
  code: "Code", name_zh: "Chinese name", name_en: "English name", parent: "Belongs to", population: "Residents", households: "Households",
  community: "Community", unit_type: "Type of grid", kind: "Kind", level: "Level", floor_area_m2: "Floor area", capacity: "Capacity",
  opening_hours: "Opening hours", lon: "Longitude", lat: "Latitude", matter: "Matter", reported_at: "Reported at", closed_at: "Closed at",
  state: "State", channel: "Channel", description: "Description", number: "Number", standard_min: "Minutes of an inspection", interval_d: "Days between inspections",
  class: "Class of street", name: "Name of the street", foot: "On foot", access: "Access", sidewalk: "Sidewalk", bridge: "Bridge", tunnel: "Tunnel",
  waterway: "Waterway", railway: "Railway", barrier: "Barrier",
};

const COUNTS = {
  district: "{n} districts", town: "{n} towns", community: "{n} communities", cells: "{n} basic units", grids: "{n} grids",
  residents: "{n} residents", population: "{n} residents", facilities: "{n} facilities", incidents: "{n} incidents",
  households: "{n} households", outside: "{n} outside every grid", places: "{n} places",
  edges: "{n} stretches of street", barriers: "{n} barriers",
};

// As the importer says them while it works (seed/importing).
const STEPS = [
  "Reading the file", "Cleaning the outlines", "Matching parents", "Matching communities", "Fitting the cells", "Placing the facilities",
  "Sharing out the residents", "Judging the incidents", "Counting the places", "Laying the streets", "Holding the streets against the city", "Writing to the city", "Waiting for another import",
];

const MOST_NAMED = 2;
const UNIT_OF_BYTES = ["B", "KB", "MB", "GB"];

export const kindName = (kind) => t(KINDS[kind] ?? kind);
export const stateName = (state) => t(STATES[state] ?? state);
export const severityName = (severity) => t(SEVERITY_WORDS[severity]);
export const severityWord = (severity) => t(ONE_SEVERITY[severity]);
export const fieldName = (field) => (FIELDS[field] ? t(FIELDS[field]) : field);
export const stepName = (step) => (STEPS.includes(step) ? t(step) : step ?? t("Waiting for its turn"));

/** What would be written, or was, as words: "3 facilities". */
export function countWords(counts = {}) {
  return Object.entries(counts).filter(([key]) => COUNTS[key]).map(([key, n]) => t(COUNTS[key], { n: integer(n) }));
}

/** An amount with its unit: m² or km², segments, parts; nothing where a rule has no amount. */
export function amountWords(amount, unit) {
  if (amount == null || !unit) return "";
  if (unit === "m²") return area(amount);
  if (unit === "segments") return t("{n} segments", { n: integer(amount) });
  if (unit === "m") return metres(amount);
  if (unit === "residents") return t("{n} residents", { n: integer(amount) });
  if (unit === "parts") return t("{n} parts", { n: integer(amount) });
  return `${integer(amount)} ${unit}`;
}

export function bytesWords(bytes) {
  const power = Math.min(UNIT_OF_BYTES.length - 1, Math.floor(Math.log(Math.max(bytes, 1)) / Math.log(1024)));
  return `${(bytes / 1024 ** power).toFixed(power > 1 ? 1 : 0)} ${UNIT_OF_BYTES[power]}`;
}

/** The units that a finding names, the first few of many; else the rows of the file, with the column at fault. */
export function unitWords({ names, rows }) {
  const columns = names.every((name) => FIELDS[name]);
  const row = rows.length ? t("Row {rows}", { rows: firstOf(rows).join(", ") }) : null;
  if (columns) return [row, ...names.map(fieldName)].filter(Boolean).join(" · ");
  return firstOf(names).join(" · ");
}

const firstOf = (list) => (list.length > MOST_NAMED ? [...list.slice(0, MOST_NAMED), `+${list.length - MOST_NAMED}`] : list);
