// An open map follows the city: when another plan comes into force, or a grid is mended, whoever draws it is told.

import { get } from "./api.js";

const LOOK_EVERY_MS = 15_000;

/** Calls `changed(plan)` whenever the plan in force or its grids are others than before. Returns a way to look at once. */
export function watchPlan(changed) {
  let known = null;
  const look = async () => {
    if (document.hidden) return;
    const found = await get("/plans/in-force").catch(() => null); // what is away is asked again in a while
    if (!found) return;
    const mark = `${found.plan?.id}/${found.version}`;
    if (known !== null && mark !== known) changed(found.plan);
    known = mark;
  };
  setInterval(look, LOOK_EVERY_MS);
  document.addEventListener("visibilitychange", look);
  look();
  return look;
}
