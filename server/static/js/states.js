// What the codes of an incident's state and urgency mean to the eye.

const CLOSED = new Set(["closed", "evaluated", "rejected"]);
const MOST_URGENT = 1;

export const isClosed = (state) => CLOSED.has(state?.code ?? state);

export const isUrgent = (urgency) => [MOST_URGENT, "urgent"].includes(urgency?.code ?? urgency);
