// The panels at the side: one open at a time, as ARIA tabs; a panel is shown anew when it comes up or the plan changes.

export class Tabs {
  /** `panels`: name → object with `show()`; its element is #panel-NAME, its tab #tab-NAME. */
  constructor(list, panels) {
    Object.assign(this, { list, panels, names: Object.keys(panels) });
    this.name = this.names[0];
    for (const name of this.names) {
      this.tab(name).addEventListener("click", () => this.open(name));
      this.tab(name).addEventListener("keydown", (event) => this.key(event, name));
    }
    this.open(this.name);
  }

  tab(name) {
    return this.list.querySelector(`#tab-${name}`);
  }

  key(event, name) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    const next = this.names[(this.names.indexOf(name) + by + this.names.length) % this.names.length];
    this.open(next);
    this.tab(next).focus();
  }

  open(name) {
    this.name = name;
    for (const each of this.names) {
      const shown = each === name;
      this.tab(each).setAttribute("aria-selected", String(shown));
      this.tab(each).tabIndex = shown ? 0 : -1;
      document.getElementById(`panel-${each}`).hidden = !shown;
    }
    this.refresh();
  }

  refresh() {
    this.panels[this.name].show();
  }
}
