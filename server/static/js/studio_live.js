// What others do in the same plan appears by itself: asked for every moment while the page is looked at.

const POLL_MS = 1500;
const AFTER_FAULT_MS = 6000;

/** `told({ok})` hears whether the server answers. Returns a function that asks at once. */
export function follow(draft, { told }) {
  let timer;
  const ask = async () => {
    clearTimeout(timer);
    if (document.hidden) return;
    let pause = POLL_MS;
    try {
      await draft.catchUp();
      told({ ok: true });
    } catch (problem) {
      told({ ok: false, problem });
      pause = AFTER_FAULT_MS;
    }
    timer = setTimeout(ask, pause);
  };
  document.addEventListener("visibilitychange", ask);
  ask();
  return ask;
}
