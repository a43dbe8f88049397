// The page's words. The server writes them, translated, into a JSON block (server/words.py); nothing is worded here.

const block = document.getElementById("words");
const dictionary = block ? JSON.parse(block.textContent) : {};

export const language = document.documentElement.lang.startsWith("zh") ? "zh" : "en";

/** The translation of an English text; {name} places are filled from `values`. */
export function t(text, values = {}) {
  const found = dictionary[text] ?? text;
  return found.replace(/\{(\w+)\}/g, (place, key) => (key in values ? values[key] : place));
}

/** The name of something bilingual, in the page's language. */
export function named(name) {
  if (name == null) return "";
  if (typeof name === "string") return name;
  return name[language] || name.zh || name.en || "";
}

/** A grid's own name, or, where it has none but its code, its community's name with its number in it. */
export function gridName({ code, name }, community) {
  const own = named(name);
  if (own && own !== code) return own;
  return community ? t("{community} grid {number}", { community: named(community.name ?? community), number: String(code).slice(-2) }) : code;
}
