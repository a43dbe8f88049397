// The server's API: JSON in, JSON out, refusals as RFC 9457 problems.

import { t } from "./words.js";

const BASE = "/api/v1";
const NO_CONTENT = 204;

export class Problem extends Error {
  constructor({ title, detail, status, ...rest }) {
    super(detail || title);
    this.name = "Problem";
    this.title = title;
    this.detail = detail;
    this.status = status;
    this.rest = rest;
  }
}

export function get(path, query = {}, { signal } = {}) {
  const asked = new URLSearchParams(query).toString();
  return ask(`${BASE}${path}${asked ? `?${asked}` : ""}`, { signal });
}

export const post = (path, body, options) => send("POST", path, body, options);

export const patch = (path, body, options) => send("PATCH", path, body, options);

export const put = (path, body, options) => send("PUT", path, body, options);

export const remove = (path, options) => send("DELETE", path, {}, options);

/** A form that carries files. */
export const postForm = (path, form, { signal } = {}) => ask(`${BASE}${path}`, { method: "POST", signal, headers: { "X-CSRFToken": csrfToken() }, body: form });

function send(method, path, body, { signal } = {}) {
  return ask(`${BASE}${path}`, {
    method,
    signal,
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
    body: JSON.stringify(body),
  });
}

const csrfToken = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

async function ask(url, options) {
  const response = await reach(url, options);
  if (response.status === NO_CONTENT) return null;
  const answer = await response.json().catch(() => null);
  if (response.ok && answer !== null) return answer;
  throw new Problem({ status: response.status, title: wordsFor(response.status), ...(answer ?? {}) });
}

async function reach(url, options) {
  try {
    return await fetch(url, { credentials: "same-origin", ...options, headers: { Accept: "application/json", ...options.headers } });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem({ status: 0, title: t("The server cannot be reached."), detail: t("Check the connection and try again.") });
  }
}

function wordsFor(status) {
  if (status === 401) return t("You are no longer logged in.");
  if (status === 403) return t("Your role does not allow this.");
  if (status === 404) return t("Not found.");
  return t("The server could not answer.");
}
