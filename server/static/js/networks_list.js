// The walking networks that the city has: which one walks are measured on, another put in force, an old one removed.

import { get, post, remove } from "./api.js";
import { h, icon, replace } from "./dom.js";
import { dateTime, integer, metres } from "./format.js";
import { t } from "./words.js";

const COLUMNS = 6;

class Networks {
  constructor(body) {
    this.body = body;
    this.load();
  }

  load() {
    return this.try(async () => this.show((await get("/networks")).networks));
  }

  async try(work) {
    try {
      await work();
    } catch (problem) {
      this.whole(h("p", { class: "inline-error", role: "alert" }, problem.message, h("button", { type: "button", class: "btn-link", onclick: () => this.load() }, t("Try again"))));
    }
  }

  show(networks) {
    if (!networks.length) return this.whole(h("div", { class: "state-box" }, icon("signpost-split"), h("p", {}, t("The city has no streets yet: walking times cannot be measured."))));
    return replace(this.body, networks.map((network) => this.row(network)));
  }

  whole(node) {
    replace(this.body, h("tr", {}, h("td", { colspan: COLUMNS }, node)));
  }

  row(network) {
    return h("tr", { dataset: { id: network.id } },
      h("td", { class: "file-cell" }, h("strong", {}, network.name), h("span", { class: "muted" }, ` ${network.source}`)),
      h("td", {}, metres(network.length_km * 1000)),
      h("td", {}, t("{n} stretches of street", { n: integer(network.edges) })),
      h("td", {}, network.by),
      h("td", { class: "time-cell" }, dateTime(network.at)),
      h("td", {}, network.in_force ? h("span", { class: "state-badge state-applied" }, icon("check-circle-fill"), t("In force")) : this.actions(network)));
  }

  actions({ id }) {
    const button = (word, work) => h("button", { type: "button", class: "btn btn-outline-secondary btn-sm", onclick: () => this.change(work) }, word);
    return h("span", { class: "row-actions" },
      button(t("Measure walks on it"), () => post(`/networks/${id}/force`, {})), " ", button(t("Remove"), () => remove(`/networks/${id}`)));
  }

  change(work) {
    return this.try(async () => {
      await work();
      await this.load();
    });
  }
}

new Networks(document.getElementById("network-list"));
