// What the marks mean: drawn by the same hand as on the map.

import { h, replace } from "./dom.js";
import { drawMark, drawOfficer, MARK_PX } from "./live_marks.js";
import { STAGES, STAGE_WORDS, URGENCY_WORDS } from "./live_stages.js";
import { t } from "./words.js";

export function showLegend(element, colours) {
  const marks = [
    ...STAGES.map((stage) => [t(STAGE_WORDS[stage]), { urgency: 3, stage, late: false, colour: colours[stage] }]),
    ...[1, 2].map((urgency) => [t(URGENCY_WORDS[urgency]), { urgency, stage: "waiting", late: false, colour: colours.waiting }]),
    [t("Late"), { urgency: 3, stage: "waiting", late: true, colour: colours.waiting }],
  ];
  const rows = marks.map(([words, mark]) => row(words, (pen) => drawMark(pen, mark)));
  rows.push(row(t("Officer, cases in hand"), (pen) => drawOfficer(pen, [MARK_PX / 2, MARK_PX / 2], { load: 2, near: true })));
  replace(element, h("ul", {}, rows));
}

function row(words, draw) {
  const ratio = window.devicePixelRatio || 1;
  const canvas = h("canvas", { width: MARK_PX * ratio, height: MARK_PX * ratio, "aria-hidden": "true", style: { width: `${MARK_PX}px`, height: `${MARK_PX}px` } });
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  draw(pen);
  return h("li", {}, canvas, words);
}
