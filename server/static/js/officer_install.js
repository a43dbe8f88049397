// The page for dead spots: the browser keeps it, and takes a new version over when nobody is writing.

/** `isBusy()` says whether a form is open; then the new version waits until the page is opened the next time. */
export async function keepForDeadSpots(isBusy) {
  if (!navigator.serviceWorker) return; // without https a browser keeps no page
  const isFirst = !navigator.serviceWorker.controller;
  navigator.serviceWorker.addEventListener("controllerchange", () => isFirst || isBusy() || location.reload());
  await navigator.serviceWorker.register("/officer/sw.js", { scope: "/officer" });
  await navigator.storage?.persist?.();
}
