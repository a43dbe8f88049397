// What is said of a department's source and of a record that could not be taken, in the reader's words.

import { h } from "./dom.js";
import { t } from "./words.js";

const HEALTH = {
  closed: "Closed",
  never_delivered: "Nothing came yet",
  last_delivery_failed: "The last delivery failed",
  mostly_rejected: "More than half of today's rows could not be taken",
  pull_fails: "Fetching fails",
  pull_failed: "The last fetch failed",
  calls_parked: "Calls were not heard for a day and are parked",
  calls_waiting: "Calls have waited for more than an hour",
  open_rejects: "Records wait to be corrected",
  quiet: "Nothing for more than a week",
};
const LIGHTS = { green: "In order", amber: "Needs a look", red: "Out of order", grey: "Idle" };
const WAYS = { push: "Push", file: "File", pull: "Fetched", replay: "Replay" };
const REASONS = {
  not_an_object: "is no record of names and values",
  missing: "is missing",
  missing_id: "has no number of its own",
  bad_id: "is no number that tells records apart",
  missing_matter: "names no matter",
  unknown_matter: "stands for no matter admitted today",
  missing_moment: "says no moment",
  bad_moment: "is no moment that can be read so",
  future: "lies in the future",
  bad_number: "is no number",
  not_finite: "is infinite",
  swapped: "longitude and latitude are swapped",
  out_of_range: "is no place on earth",
  outside_china: "lies outside China",
  missing_place: "has no place",
  unknown_address: "names no community of the city",
  ambiguous_address: "may mean several communities; write the town too",
  bad_urgency: "is none of the urgencies",
  too_long: "is too long",
  unknown_field: "is not known",
  not_text: "must be the name of a field",
  not_table: "must be a table of words",
  bad_datum: "is no known system of coordinates",
  bad_zone: "is no time zone",
  bad_format: "is no format of a time",
};

const FIELDS = {
  id: "Number of the record", matter: "Matter", matters: "Words for matters", matter_always: "Always this matter", lon: "Longitude",
  lat: "Latitude", datum: "Coordinates in", address: "Address", reported_at: "Reported at", time_format: "Format of the time",
  zone: "Time zone", description: "Description", urgency: "Urgency", urgencies: "Words for urgencies",
  contact_name: "Name of the contact", contact_phone: "Telephone of the contact", rows: "List of records", cursor: "Fetched up to",
};

export const health = (word) => t(HEALTH[word] ?? word);

export const lightWord = (light) => t(LIGHTS[light] ?? light);

export const way = (code) => t(WAYS[code] ?? code);

export const light = (code) => h("span", { class: `light light-${code}`, role: "img", "aria-label": lightWord(code), title: lightWord(code) });

/** One reason as a line: which field of the mapping, what stood there, what is wrong. */
export function reason({ code, field, value }) {
  return h("li", {}, h("b", {}, fieldName(field)), " ", value ? h("code", {}, value) : null, " ", t(REASONS[code] ?? code));
}

export const reasonText = ({ code, field }) => `${fieldName(field)} ${t(REASONS[code] ?? code)}`;

const fieldName = (field) => (field ? t(FIELDS[field] ?? field) : t("Record"));
