// The page that citizens report on. Folium's script calls `start`.

import { get, post } from "./api.js";
import { h, icon, replace } from "./dom.js";
import { Matters } from "./report_matters.js";
import { Photos } from "./report_photos.js";
import { Place } from "./report_place.js";
import { language, named, t } from "./words.js";

const element = (id) => document.getElementById(id);
const DECIMALS = 6;

export function start(parts) {
  window.wangge = { ...parts, report: new ReportPage(parts) };
}

class ReportPage {
  constructor({ map, page }) {
    this.key = newKey();
    this.photos = new Photos();
    this.place = new Place({ map, page, changed: () => this.changed() });
    this.matters = new Matters({ kind: page.kind, changed: () => this.changed() });
    element("report").addEventListener("submit", (event) => {
      event.preventDefault();
      this.send("/public/reports", this.report());
    });
    this.changed();
  }

  changed() {
    const { latlng } = this.place ?? {};
    const matter = this.matters?.chosen;
    element("send").disabled = !latlng || !matter;
    element("missing").textContent = latlng ? (matter ? "" : t("Choose what it is.")) : matter ? t("Choose a place.") : t("Choose a place and what it is.");
    if (latlng) this.lookAround(latlng, matter);
  }

  /** Where it is, and whether somebody reported it already. */
  async lookAround({ lng, lat }, matter) {
    const asked = { lon: lng.toFixed(DECIMALS), lat: lat.toFixed(DECIMALS), ...(matter ? { matter: matter.code } : {}) };
    this.asked = asked;
    try {
      const { place, cases } = await get("/public/near", asked);
      if (this.asked !== asked) return;
      this.place.tell(place.community ? t("In {community}, {town}.", { community: named(place.community), town: named(place.town) }) : t("This place lies outside of the city; the report goes to the city all the same."));
      this.showNear(matter ? cases : []);
    } catch (problem) {
      if (this.asked === asked) this.place.say(problem.detail ?? problem.title);
    }
  }

  showNear(cases) {
    const box = element("near");
    box.hidden = cases.length === 0;
    const rows = cases.map((each) => h("li", {}, icon(each.matter.icon ?? "question-circle"), h("span", {}, h("strong", {}, named(each.matter.name)), h("br"), each.metres == null ? t("in this neighbourhood") : t("about {n} m away", { n: each.metres }), " · ", named(each.state.name), each.reporters > 1 ? ` · ${t("{n} people reported it", { n: each.reporters })}` : ""), h("button", { type: "button", class: "btn btn-outline-secondary", onclick: () => this.send(`/public/reports/${each.number}/join`, this.sender()) }, t("Me too"))));
    replace(box, h("h2", {}, t("Is it one of these already?")), h("ul", {}, rows));
  }

  sender() {
    const contact = Object.fromEntries(["name", "phone", "email"].map((id) => [id, element(id)?.value.trim()]).filter(([, value]) => value));
    return { key: this.key, language, photos: this.photos.ids, website: element("website").value, contact: { ...contact, wants_mail: Boolean(contact.email) } };
  }

  report() {
    const { lng, lat } = this.place.latlng;
    return { ...this.sender(), matter: this.matters.chosen.code, lon: Number(lng.toFixed(DECIMALS)), lat: Number(lat.toFixed(DECIMALS)), address: element("address").value, description: element("words-said").value };
  }

  /** The key makes it harmless to send again what got no answer. */
  async send(path, body) {
    const button = element("send");
    button.disabled = true;
    button.textContent = t("Sending …");
    element("fault").hidden = true;
    await this.photos.settled();
    try {
      this.showSent(await post(path, { ...body, photos: this.photos.ids }));
    } catch (problem) {
      element("fault").hidden = false;
      element("fault").textContent = problem.status === 0 ? t("It was not sent. Check the connection and press Send again: it arrives once, however often it is sent.") : problem.detail ?? problem.title;
    }
    button.textContent = t("Send");
    this.changed();
  }

  showSent({ number, key, follow, joined }) {
    const link = new URL(follow, location.origin).href;
    element("report").hidden = true;
    element("sent").hidden = false;
    element("sent-words").textContent = joined ? t("It was reported before; you will hear of that report.") : t("Take this link with you; it is the way back to your report.");
    element("number").textContent = number;
    element("follow").href = follow;
    element("qr").src = `/api/v1/public/reports/${number}/qr.svg?key=${encodeURIComponent(key)}`;
    element("copy").addEventListener("click", async () => {
      await navigator.clipboard?.writeText(link).then(() => { element("copy").textContent = t("Copied"); }, () => {});
    });
    window.scrollTo(0, 0);
    element("sent-title").focus({ preventScroll: true });
  }
}

function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
