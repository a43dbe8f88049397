// What happens in the city, at the moment it happens: the server's event stream, taken up again by itself whenever it breaks.

const AGAIN_MS = [1000, 2000, 5000, 10_000, 20_000];

/**
 * Listen to kinds of entries of the journal, such as "draft.edited". `onEvent(entry)` hears each once and in order;
 * `onReload()` that so much was missed that it is better read anew; `onState("live" | "away")` how the line stands.
 * Returns a function that ends it.
 */
export function listen({ kinds, onEvent, onReload = () => {}, onState = () => {} }) {
  const url = new URL(document.querySelector('meta[name="events-url"]').content, location.href);
  url.searchParams.set("kinds", kinds.join(","));
  let source;
  let timer;
  let tries = 0;
  const open = () => {
    source = new EventSource(url, { withCredentials: true });
    source.addEventListener("hello", (event) => {
      tries = 0;
      keep(event);
      onState("live");
    });
    source.addEventListener("beat", keep);
    source.addEventListener("reload", (event) => {
      keep(event);
      onReload();
    });
    for (const kind of kinds) {
      source.addEventListener(kind, (event) => {
        keep(event);
        onEvent(JSON.parse(event.data));
      });
    }
    source.addEventListener("error", broken);
  };
  // The browser comes back by itself and says what it heard last; after a refusal it does not, so we do.
  const broken = () => {
    onState("away");
    if (source.readyState !== EventSource.CLOSED) return;
    clearTimeout(timer);
    timer = setTimeout(open, AGAIN_MS[Math.min(tries, AGAIN_MS.length - 1)]);
    tries += 1;
  };
  const keep = ({ lastEventId }) => url.searchParams.set("last_event_id", lastEventId);
  open();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
