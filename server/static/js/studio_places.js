// The names of what a plan is made of: communities, their towns, grids.

import { named, t } from "./words.js";
import { labelsOf } from "./labels.js";

export class Places {
  constructor(ground) {
    this.ground = ground;
    this.points = new Map();
    this.communities = new Map();
    this.towns = new Map();
  }

  async read() {
    [this.communities, this.towns] = await Promise.all([labelsOf("community"), labelsOf("town")]);
  }

  /** Where an area's name stands, in the plane of studio_shapes.js. */
  at(label) {
    if (!this.points.has(label.code)) this.points.set(label.code, this.ground.at([label.lon, label.lat]));
    return this.points.get(label.code);
  }

  communityName(code) {
    return named(this.communities.get(code)) || code;
  }

  townName(code) {
    return named(this.towns.get(code)) || code;
  }

  /** The town that a community lies in: codes of areas begin with those of what they lie in. */
  townOf(community) {
    const code = [...this.towns.keys()].find((each) => community.startsWith(each));
    return code ? { code } : null;
  }

  /** "Community grid 07", or the grid's own name. */
  gridWords({ name, label, community }) {
    return named(name) || t("{community} grid {number}", { community: this.communityName(community), number: label });
  }
}
