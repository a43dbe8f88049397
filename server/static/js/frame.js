// The frame of every page: menus close when left, and the language switch keeps the view.

const menus = [...document.querySelectorAll("details.menu")];

document.addEventListener("click", (event) => {
  for (const menu of menus) if (!menu.contains(event.target) && !event.target.closest(".topbar-fold")) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus.filter((each) => each.open)) {
    menu.open = false;
    menu.querySelector("summary").focus();
    event.stopImmediatePropagation();
  }
});

// A redirect keeps the part behind #, so the other language opens at the same place.
for (const link of document.querySelectorAll(".language-switch")) {
  link.addEventListener("click", () => { link.hash = location.hash; });
}

// What the officer's page keeps for dead spots is nobody's any more once its owner logs out (officer_worker.js).
for (const form of document.querySelectorAll('form[action="/logout"]')) {
  form.addEventListener("submit", () => {
    for (const name of ["wangge-officer-own", "wangge-officer-photos", "wangge-officer-tiles"]) window.caches?.delete(name);
  });
}
