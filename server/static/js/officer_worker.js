// Keeps the officer's page for dead spots: scripts and styles by version; the page itself, photos and the map's tiles as they came last.
// The server puts `const VERSION` and `const SHELL` (addresses) before this.

const PARTS = `wangge-officer-shell-${VERSION}`;
const OWN = "wangge-officer-own"; // the page of whoever is logged in; frame.js throws it away when she logs out
const PHOTOS = "wangge-officer-photos";
const TILES = "wangge-officer-tiles";
const AT_MOST = { [PHOTOS]: 100, [TILES]: 400 };
const PAGE = "/officer";
const WAIT_FOR_LINE_MS = 4000;
const parts = new Set(SHELL);

self.addEventListener("install", (event) => {
  event.waitUntil(Promise.all([keepParts(), keepPage()]).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(dropOthers().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== self.location.origin) return;
  if (event.request.mode === "navigate" && pathname === PAGE) event.respondWith(page(event.request));
  else if (parts.has(pathname)) event.respondWith(part(event.request));
  else if (pathname.startsWith("/tiles/")) event.respondWith(freshOrKept(event, TILES));
  else if (pathname.startsWith("/api/v1/photos/")) event.respondWith(freshOrKept(event, PHOTOS));
});

async function keepParts() {
  const cache = await caches.open(PARTS);
  return cache.addAll(SHELL.map((path) => new Request(path, { cache: "reload" })));
}

async function keepPage() {
  const answer = await fetch(PAGE, { credentials: "same-origin" });
  if (answer.ok && !answer.redirected) await (await caches.open(OWN)).put(PAGE, answer);
}

async function dropOthers() {
  const names = (await caches.keys()).filter((name) => name.startsWith("wangge-officer-shell-") && name !== PARTS);
  return Promise.all(names.map((name) => caches.delete(name)));
}

async function part(request) {
  return (await (await caches.open(PARTS)).match(request, { ignoreSearch: true })) ?? fetch(request);
}

/** The page as the server has it; as it was last, when the server does not answer in time. Sent to the log-in: it is nobody's any more. */
async function page(request) {
  const kept = await (await caches.open(OWN)).match(PAGE);
  const asked = fetch(request).then(async (answer) => {
    if (answer.type === "opaqueredirect") await Promise.all([OWN, PHOTOS, TILES].map((name) => caches.delete(name)));
    else if (answer.ok) await (await caches.open(OWN)).put(PAGE, answer.clone());
    return answer;
  });
  if (!kept) return asked;
  const late = new Promise((resolve) => { setTimeout(resolve, WAIT_FOR_LINE_MS, kept.clone()); });
  return Promise.race([asked.then((answer) => (answer.status >= 500 ? kept : answer), () => kept), late]);
}

async function freshOrKept(event, name) {
  const cache = await caches.open(name);
  try {
    const answer = await fetch(event.request);
    if (answer.status === 200) event.waitUntil(cache.put(event.request, answer.clone()).then(() => thin(cache, AT_MOST[name])));
    return answer;
  } catch (fault) {
    const kept = await cache.match(event.request);
    if (!kept) throw fault;
    return kept;
  }
}

async function thin(cache, atMost) {
  const held = await cache.keys();
  return Promise.all(held.slice(0, Math.max(0, held.length - atMost)).map((each) => cache.delete(each)));
}
