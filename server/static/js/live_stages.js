// What the states of a case mean to whoever works on it: four stages, each with its colour and its sign.

export const STAGES = ["waiting", "in_hand", "to_verify", "suspended"];

const STAGE_OF = {
  collected: "waiting", accepted: "waiting", returned: "waiting",
  dispatched: "in_hand", handling: "in_hand",
  feedback: "to_verify", verified: "to_verify",
  suspended: "suspended",
};

export const STAGE_WORDS = { waiting: "To be dispatched", in_hand: "In hand", to_verify: "To be verified", suspended: "Suspended" };

export const STATE_WORDS = {
  collected: "Collected", accepted: "Accepted", dispatched: "Dispatched", handling: "Being handled", feedback: "Reported back", verified: "Verified",
  closed: "Closed", returned: "Sent back", suspended: "Suspended", rejected: "Rejected", merged: "Merged",
};

export const URGENCY_WORDS = { 1: "Urgent", 2: "Soon", 3: "Ordinary" };

export const stageOf = (state) => STAGE_OF[state] ?? "waiting";
