// What the keys of plans, edits and findings are called.

import { t } from "./words.js";

const STATES = { draft: "Draft", consultation: "In consultation", coming: "To come", published: "In force", superseded: "Superseded", withdrawn: "Withdrawn" };

const CLOSED = {
  consultation: "This plan is put to residents as it stands: it is not changed meanwhile.",
  coming: "This plan comes into force on a day to come: it is not changed any more.",
  published: "This plan is in force: to change it, make a draft.",
  superseded: "This plan was in force once: it can be looked at.",
  withdrawn: "This draft was withdrawn: it can be looked at.",
};

const EDITS = {
  split: "Split", merge: "Merged", reshape: "Border redrawn", transfer: "Moved cells", carve: "Carved out", attributes: "Facts changed", lock: "Locks changed",
  proposal: "Proposal taken", file: "File brought in", rebase: "Put on the plan in force",
};

const ACTIONS = { undo: "Undone", redo: "Redone" };

const RULES = {
  splits_a_grid: "That would break {grids} apart.",
  empties_a_grid: "That would leave {grids} without cells.",
  crosses_a_community: "A grid stays within its community.",
  outside_scope: "That lies outside of what this plan may change.",
  locked: "{grids} is locked.",
  not_neighbours: "These grids do not touch.",
  line_does_not_cross: "The line must cross a grid from outside to outside.",
  nothing_to_do: "That changes nothing.",
  unknown_grid: "The grid is not there any more.",
  proposal_out_of_date: "{community}: its grids changed since this was proposed. Ask for a new proposal there, or take the other communities.",
  unknown_cell: "The file names a cell that this plan does not have.",
  named_twice: "The file names a cell twice.",
  uncovered: "Some ground lies in none of the file's outlines.",
  empty_grid: "{grids} has no cell.",
  cell_not_whole: "The parts of a cut cell are not the whole of it.",
  community_not_filled: "Some ground of a community lies in no grid.",
  overlap: "{grids} lies over another grid.",
  in_pieces: "{grids} lies in several pieces.",
  unstaffed: "Nobody would manage {grids}.",
  nobody_posted: "No officers are posted in this city yet.",
  codes_used_up: "A community has no code left for a new grid.",
  not_supported: "The residents did not support it enough; a reason on record is needed.",
  changed_since_heard: "The plan changed since the residents were heard; hear them again, or put a reason on record.",
  still_heard: "The residents are still being heard: end the hearing before.",
  support_set_aside: "The residents did not support it enough; a reason is on record.",
  in_the_past: "A plan comes into force today or later.",
  too_early: "Another plan comes into force after this date.",
  too_late: "A plan comes into force within 12 months of its publication.",
  in_force_already: "It is in force already: put the plan before in force again.",
  drafts_start_from_it: "Drafts start from it: withdraw them before.",
  posted_since: "Officers were posted on its new grids since: post them elsewhere before.",
  not_the_newest: "A newer plan was published since this draft was begun.",
  both_changed: "This draft and the newest plan both changed a community.",
  not_a_draft: "The plan is no draft any more.",
  nothing_changed: "The plan changes nothing.",
};

const CHECKS = {
  gap: "Gap between grids", overlap: "Grids overlap", island: "Grid in several pieces", unassigned: "Cells in no grid", over_threshold: "Far from the mean", unstaffed: "Nobody posted",
};

const NOTICES = { cells_cut: "{n} cells cut; their residents and hours are shared by area.", repaired: "What would have been cut off came along." };

const PARTS = {
  inspections: "Inspections", incidents: "Incidents", people: "Residents and households", walking: "Walking between places", spread: "Walking out and back", fixed: "Fixed duties",
};

const KINDS = { basic: "Basic grid", dedicated: "Dedicated grid" };

const UNIT_TYPES = {
  estate: "Commercial estate", rental: "Rental area", commercial: "Commercial district", factory: "Factory living area", rural: "Rural community", old_estate: "Old estate",
  resettlement: "Resettlement estate",
};

export const PART_NAMES = Object.keys(PARTS);
export const KIND_CODES = Object.keys(KINDS);
export const UNIT_TYPE_CODES = Object.keys(UNIT_TYPES);

export const codeOf = (coded) => coded?.code ?? coded;
export const stateWords = (state) => t(STATES[codeOf(state)] ?? codeOf(state));
export const closedWords = (state) => t(CLOSED[codeOf(state)] ?? CLOSED.superseded);
export const editWords = (kind) => t(EDITS[kind] ?? kind);
export const actionWords = (action) => (ACTIONS[action] ? t(ACTIONS[action]) : "");
export const partWords = (part) => t(PARTS[part] ?? part);
export const kindWords = (kind) => t(KINDS[codeOf(kind)] ?? codeOf(kind));
export const unitTypeWords = (type) => t(UNIT_TYPES[codeOf(type)] ?? codeOf(type));
export const checkWords = (rule) => (CHECKS[rule] ? t(CHECKS[rule]) : rule);

/** Why something was refused, in the reader's words; what has none is told as the server says it. */
export function ruleWords({ rule, message, grids = [], n = 1, community }, nameOf, communityOf = String) {
  const words = RULES[rule] ?? NOTICES[rule];
  if (!words) return message;
  return t(words, { grids: grids.map((key) => nameOf(key)).join(", ") || t("A grid"), n, community: community ? communityOf(community) : t("A community") });
}
