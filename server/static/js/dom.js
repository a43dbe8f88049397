// Building pages from nodes. Text is always text: nothing here parses HTML.

/** An element: h("button", {class: "x", onclick: f}, "text", child, …). Null children are left out. */
export function h(tag, properties = {}, ...children) {
  const element = tag === "svg" || tag === "path" || tag === "use"
    ? document.createElementNS("http://www.w3.org/2000/svg", tag)
    : document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) setProperty(element, key, value);
  element.append(...children.flat().filter((child) => child != null && child !== false));
  return element;
}

export const icon = (name) => h("i", { class: `bi bi-${name}`, "aria-hidden": "true" });

export function replace(element, ...children) {
  element.replaceChildren(...children.flat().filter((child) => child != null && child !== false));
}

function setProperty(element, key, value) {
  if (value == null || value === false) return;
  if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
  else if (key === "style") Object.entries(value).forEach(([name, each]) => element.style.setProperty(name, each));
  else if (key === "dataset") Object.assign(element.dataset, value);
  else element.setAttribute(key, value === true ? "" : value);
}
