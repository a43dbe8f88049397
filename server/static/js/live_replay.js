// The day again: heat of what was reported, and the day played from its first minute to its last.

import { get } from "./api.js";
import { cityDay, integer } from "./format.js";
import { Heat } from "./live_heat.js";
import { drawMark, MARK_PX } from "./live_marks.js";
import { stageOf } from "./live_stages.js";
import { Board } from "./studio_board.js";
import { t } from "./words.js";

const DAY_S = 86_400;
const FADES_S = 4 * 3600; // the heat of a report at the moment played; over the whole day nothing fades
const FLASH_S = 600;
const HOTTEST = 0.5;
const BIN_PX = 40;
const ENDED = new Set(["closed", "rejected", "merged"]);

export class Replay {
  /** `shown(on)` hears when the live marks are to stand back. */
  constructor({ map, ground, element, colours, shown }) {
    Object.assign(this, { map, ground, element, colours, shown, events: [], at: DAY_S, speed: 600, playing: null, heat: new Heat(), within: null });
    this.board = new Board(ground, (pen, view) => this.paint(pen, view), { pane: "heat", name: "heat" }).addTo(map);
    this.showPane(false);
    this.part = (name) => element.querySelector(`[data-part=${name}]`);
    this.part("day").value = cityDay();
    this.part("day").max = cityDay();
    this.part("day").addEventListener("change", () => this.read());
    this.part("when").addEventListener("input", ({ target }) => { this.pause(); this.go(Number(target.value)); });
    this.part("speed").addEventListener("change", ({ target }) => { this.speed = Number(target.value); });
    this.part("play").addEventListener("click", () => (this.playing ? this.pause() : this.play()));
    this.part("close").addEventListener("click", () => this.close());
  }

  get isOpen() {
    return !this.element.hidden;
  }

  toggle() {
    if (this.isOpen) this.close();
    else this.open();
  }

  /** A canvas that shows nothing is not there: it would cost frames. */
  showPane(on) {
    this.map.getPane("heat").style.display = on ? "" : "none";
  }

  open() {
    this.element.hidden = false;
    this.showPane(true);
    this.shown(true);
    this.read();
  }

  close() {
    this.pause();
    this.element.hidden = true;
    this.showPane(false);
    this.events = [];
    this.shown(false);
    this.board.redraw();
  }

  async read() {
    this.pause();
    const said = this.part("said");
    said.textContent = t("Reading the day …");
    try {
      const answer = await get("/cases/replay", { day: this.part("day").value, ...(this.within ? { area: this.within } : {}) });
      this.events = (answer.events ?? answer).map((event) => ({ ...event, ...this.placed(event) }));
      this.go(DAY_S);
    } catch (problem) {
      this.events = [];
      said.textContent = problem.message;
    }
  }

  placed({ lon, lat }) {
    const [x, y] = this.ground.at([lon, lat]);
    return { x, y };
  }

  go(at) {
    this.at = at;
    this.part("when").value = String(Math.round(at));
    const told = this.events.filter(({ at_s: when }) => when <= at);
    const reported = told.reduce((n, { action }) => n + (action === "report" ? 1 : 0), 0);
    this.part("said").textContent = t("{time} · {n} reported, {steps} steps", { time: clock(at), n: integer(reported), steps: integer(told.length) });
    this.board.redraw();
  }

  play() {
    if (this.at >= DAY_S) this.at = 0;
    let last = performance.now();
    const turn = (now) => {
      const at = Math.min(DAY_S, this.at + ((now - last) / 1000) * this.speed);
      last = now;
      this.go(at);
      this.playing = at < DAY_S ? requestAnimationFrame(turn) : null;
      this.showPlay();
    };
    this.playing = requestAnimationFrame(turn);
    this.showPlay();
  }

  pause() {
    cancelAnimationFrame(this.playing);
    this.playing = null;
    this.showPlay();
  }

  showPlay() {
    this.part("play").querySelector("i").className = `bi bi-${this.playing ? "pause-fill" : "play-fill"}`;
    this.part("play").setAttribute("aria-pressed", String(Boolean(this.playing)));
  }

  paint(pen, view) {
    if (!this.isOpen) return;
    const whole = this.at >= DAY_S;
    const places = [];
    const now = new Map();
    for (const event of this.events) {
      if (event.at_s > this.at) break;
      if (event.action === "report") places.push({ x: event.x, y: event.y, weight: whole ? 1 : 0.6 * Math.max(0, 1 - (this.at - event.at_s) / FADES_S) });
      now.set(event.number, event);
    }
    this.heat.paint(pen, view, whole ? evenly(places, view) : places);
    if (!whole) for (const event of now.values()) this.paintCase(pen, view, event);
  }

  /** A case as it stood then; what was just done flashes, what is over is gone. */
  paintCase(pen, view, { x, y, state, urgency, at_s: when }) {
    const justNow = this.at - when < FLASH_S;
    if (ENDED.has(state) && !justNow) return;
    const [left, top] = view.toPx([x, y]);
    pen.save();
    pen.translate(left - MARK_PX / 2, top - MARK_PX / 2);
    drawMark(pen, { urgency, stage: stageOf(state), late: justNow, colour: ENDED.has(state) ? "#1a7f4b" : this.colours[stageOf(state)] });
    pen.restore();
  }
}

/** Over a whole day the weights follow what is in view: hot is where most lies, however much that is. */
function evenly(places, { box, scale }) {
  const seen = places.filter(({ x, y }) => x >= box[0] && x <= box[2] && y >= box[1] && y <= box[3]);
  const bins = new Map();
  for (const { x, y } of seen) {
    const name = Math.floor((x * scale) / BIN_PX) * 1_000_003 + Math.floor((y * scale) / BIN_PX);
    bins.set(name, (bins.get(name) ?? 0) + 1);
  }
  const weight = Math.min(HOTTEST, 1 / Math.max(1, ...bins.values()));
  return seen.map((place) => ({ ...place, weight }));
}

const clock = (s) => `${String(Math.floor(s / 3600) % 25).padStart(2, "0")}:${String(Math.floor((s % 3600) / 60)).padStart(2, "0")}`;
