// Bands of distance up to the limit, as the server counts them, served by too few, and not reached: each with colour and words.

import { integer, metres } from "./format.js";
import { t } from "./words.js";

export class Bands {
  /** `asked` is the question, `totals` the sums of its answer. */
  constructor({ asked, totals, colours }) {
    this.asked = asked;
    this.steps = totals.bands.filter((band) => band.metres !== null);
    this.few = this.steps.length;
    this.none = this.steps.length + 1;
    this.colours = [...colours.within[this.steps.length], colours.beyond, colours.unreached];
    this.residents = this.counts(totals);
  }

  /** The residents of each band; which band those are in who reach some but too few, nobody counted. */
  counts({ bands, k }) {
    const beyond = bands.find((band) => band.metres === null)?.residents ?? 0;
    if (this.asked.k === 1) return [...this.steps.map(({ residents }) => residents), 0, beyond];
    return [...this.steps.map(() => null), k[0] - k[this.asked.k - 1], beyond];
  }

  /** The band of a cell that has so far to the nearest, and so many within the limit. */
  of(metresTo, within) {
    if (metresTo == null || !within) return this.none;
    if (within < this.asked.k) return this.few;
    const found = this.steps.findIndex((band) => metresTo <= band.metres + 0.05);
    return found < 0 ? this.few - 1 : found;
  }

  isServed(band) {
    return band < this.few;
  }

  /** Whether the legend lists a band: too few is there only where several are asked for. */
  isListed(band) {
    return band !== this.few || this.asked.k > 1;
  }

  words(band) {
    if (band === this.none) return t("beyond the limit");
    if (band === this.few) return t("fewer than {n} within reach", { n: this.asked.k });
    const [before, step] = [this.steps[band - 1] ?? { metres: 0, minutes: 0 }, this.steps[band]];
    const far = span(before.metres, step.metres);
    return step.minutes === null ? far : t("{from}–{to} min · {metres}", { from: tenths(before.minutes), to: tenths(step.minutes), metres: far });
  }
}

const tenths = (minutes) => String(Math.round(minutes * 10) / 10);

const span = (from, to) => (to >= 3000 ? `${metres(from)} – ${metres(to)}` : t("{from}–{to} m", { from: integer(from), to: integer(to) }));
