// One account at the side: opened, changed, given a password, closed.

import { get, patch, post } from "./api.js";
import { AreaPicker } from "./area_picker.js";
import { ask, showSecret } from "./boxes.js";
import { dateTime } from "./format.js";
import { clearRefusals, refusal, showRefusal } from "./refusals.js";
import { showTokens } from "./tokens.js";
import { t } from "./words.js";

const at = (login, rest = "") => `/accounts/${encodeURIComponent(login)}${rest}`;

export class AccountSheet {
  /** `own` holds the administrator's login and area (`me`, `area`); `onChange()` is called when the rows are no longer true. */
  constructor(dialog, own, onChange) {
    this.dialog = dialog;
    this.own = own;
    this.onChange = onChange;
    this.form = dialog.querySelector("form");
    this.fields = this.form.elements;
    this.area = new AreaPicker(document.getElementById("f-area"), own.area);
    this.area.input.dataset.field = "area";
    for (const button of dialog.querySelectorAll("[data-close]")) button.addEventListener("click", () => dialog.close());
    this.fields.role.addEventListener("change", () => this.showRole());
    for (const radio of this.fields.first) radio.addEventListener("change", () => this.showFirst());
    this.on("account-form", "submit", () => this.save());
    this.on("reset-password", "click", () => this.resetPassword());
    this.on("close-account", "click", () => this.close());
    this.on("reopen-account", "click", () => this.reopen());
  }

  on(id, kind, task) {
    document.getElementById(id).addEventListener(kind, (event) => {
      event.preventDefault();
      this.attempt(task);
    });
  }

  /** Do something once; a refusal is shown in the form. */
  async attempt(task) {
    if (this.form.hasAttribute("aria-busy")) return;
    clearRefusals(this.form);
    this.form.setAttribute("aria-busy", "true");
    try {
      await task();
    } catch (problem) {
      showRefusal(this.form, refusal(problem));
    } finally {
      this.form.removeAttribute("aria-busy");
    }
  }

  openNew() {
    this.held = null;
    this.form.reset();
    this.area.set(null); // to be chosen: nobody is given the whole city by oversight
    this.reveal(t("Open an account"), "", t("Open the account"));
    this.showFirst();
    this.fields.login.focus();
  }

  async open(login) {
    try {
      this.show(await get(at(login)));
    } catch {
      this.onChange(); // gone, or the server is: the rows, read anew, say which
    }
  }

  show(account) {
    this.held = account;
    this.form.reset();
    this.fields.name.value = account.name;
    this.fields.role.value = account.role.code;
    if (account.department) this.fields.department.value = account.department.code;
    this.area.set(account.area);
    this.reveal(account.name, account.login, t("Save"));
    this.showFacts(account);
    showTokens(document.getElementById("tokens"), at(account.login, "/tokens"));
  }

  reveal(title, kind, save) {
    clearRefusals(this.form);
    const isOwn = this.held?.login === this.own.me;
    document.getElementById("account-title").textContent = title;
    document.getElementById("account-kind").textContent = kind;
    document.getElementById("save-account").textContent = save;
    document.getElementById("own-note").hidden = !isOwn;
    for (const part of this.form.querySelectorAll("[data-new]")) part.hidden = Boolean(this.held);
    for (const part of this.form.querySelectorAll("[data-held]")) part.hidden = !this.held;
    for (const field of [this.fields.role, this.fields.department, this.area.input]) field.disabled = isOwn;
    this.showRole();
    if (!this.dialog.open) this.dialog.showModal();
    this.dialog.querySelector(".sheet-body").scrollTop = 0;
  }

  showRole() {
    document.getElementById("h-role").textContent = this.fields.role.selectedOptions[0]?.dataset.hint ?? "";
    document.getElementById("department-field").hidden = this.fields.role.value !== "department";
  }

  showFirst() {
    this.fields.password.hidden = this.fields.first.value !== "given";
    if (!this.fields.password.hidden) this.fields.password.focus();
  }

  showFacts(account) {
    const isOwn = account.login === this.own.me;
    document.getElementById("fact-opened").textContent = dateTime(account.opened_at);
    document.getElementById("fact-seen").textContent = account.last_login_at ? dateTime(account.last_login_at) : t("never");
    document.getElementById("fact-password").textContent = account.must_change_password ? t("Temporary, not changed yet") : t("Their own");
    document.getElementById("reset-password").hidden = isOwn || !account.active;
    document.getElementById("close-account").hidden = isOwn || !account.active;
    document.getElementById("reopen-account").hidden = account.active;
  }

  /** What the form says, as the API wants it. */
  wanted() {
    const { role, department } = this.fields;
    const name = this.fields.name.value;
    return { name, role: role.value, area: this.area.code, department: role.value === "department" ? department.value : null };
  }

  async save() {
    if (!this.area.code) return showRefusal(this.form, { field: "area", text: t("There is no such area. Choose one from the list.") });
    if (this.held) await this.change();
    else await this.openAccount();
    return this.onChange();
  }

  async change() {
    const wanted = this.wanted();
    const isOwn = this.held.login === this.own.me;
    await patch(at(this.held.login), isOwn ? { name: wanted.name } : wanted);
    this.dialog.close();
  }

  async openAccount() {
    const given = this.fields.first.value === "given";
    const sent = { ...this.wanted(), login: this.fields.login.value.trim(), ...(given ? { password: this.fields.password.value } : {}) };
    const made = await post("/accounts", sent);
    this.dialog.close();
    this.onChange();
    await this.showPassword(made.login, made.password);
  }

  async resetPassword() {
    const { login } = this.held;
    const sure = await ask({
      title: t("Give {login} a temporary password?", { login }),
      text: t("The old password ends, and so do the open sessions."),
      yes: t("New temporary password"),
    });
    if (!sure) return;
    const { password } = await post(at(login, "/password"), {});
    await this.showPassword(login, password);
    this.show(await get(at(login)));
    this.onChange();
  }

  showPassword(login, password) {
    return showSecret({ title: t("Temporary password of {login}", { login }), text: t("Hand it over in person. It opens one page: the one to change it."), secret: password });
  }

  async close() {
    const { login, name } = this.held;
    const sure = await ask({
      title: t("Close the account of {name}?", { name }),
      text: t("Open sessions end at once and tokens are revoked. The name stays in the journal, and the account can be opened again."),
      yes: t("Close the account"),
    });
    if (!sure) return;
    this.show(await post(at(login, "/close"), {}));
    this.onChange();
  }

  async reopen() {
    this.show(await post(at(this.held.login, "/reopen"), {}));
    this.onChange();
  }
}
