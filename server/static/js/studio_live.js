// What others do in the same plan appears by itself: told by the event stream, and asked for every moment while that is away.

import { listen } from "./events.js";

const POLL_MS = 1500;
const POLL_WHILE_LIVE_MS = 15_000;
const AFTER_FAULT_MS = 6000;
const KINDS = ["draft.edited", "draft.changed", "draft.withdrawn", "consultation.opened", "plan.published", "plan.rebased"];

/** `told({ok})` hears whether the server answers. Returns a function that asks at once. */
export function follow(draft, { told }) {
  let timer;
  let live = false;
  const ask = async () => {
    clearTimeout(timer);
    if (document.hidden) return;
    let pause = live ? POLL_WHILE_LIVE_MS : POLL_MS;
    try {
      await draft.catchUp();
      told({ ok: true });
    } catch (problem) {
      told({ ok: false, problem });
      pause = AFTER_FAULT_MS;
    }
    clearTimeout(timer);
    timer = setTimeout(ask, pause);
  };
  document.addEventListener("visibilitychange", ask);
  listen({
    kinds: KINDS,
    onEvent: ({ kind, subject }) => (kind.startsWith("draft.") && subject !== String(draft.id) ? null : ask()),
    onReload: ask,
    onState: (state) => {
      live = state === "live";
      ask();
    },
  });
  ask();
  return ask;
}
