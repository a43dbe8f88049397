// The page may be hours old, from the phone's own store: the token of its forms is fetched anew when the server does not know it.

const PAGE = "/officer";

/** Take the token of a fresh page over; false when there is none to be had. */
export async function renewToken() {
  const answer = await fetch(PAGE, { credentials: "same-origin", cache: "no-store" }).catch(() => null);
  if (!answer?.ok || answer.redirected) return false;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector('meta[name="csrf-token"]');
  const mine = document.querySelector('meta[name="csrf-token"]');
  if (!fresh || fresh.content === mine.content) return false;
  mine.content = fresh.content;
  return true;
}
