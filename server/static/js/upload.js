// A file on its way to the server: fetch cannot tell how much has gone up, XMLHttpRequest can.

import { Problem } from "./api.js";
import { t } from "./words.js";

/** Send a file as the body. `told(fraction)` hears how much is up; returns {answered, abort}. */
export function send(file, url, told) {
  const request = new XMLHttpRequest();
  const answered = new Promise((resolve, reject) => {
    request.upload.addEventListener("progress", (event) => event.lengthComputable && told(event.loaded / event.total));
    request.addEventListener("load", () => {
      const answer = parsed(request.responseText);
      if (request.status < 300 && answer) resolve(answer);
      else reject(new Problem({ status: request.status, title: t("The server could not answer."), ...(answer ?? {}) }));
    });
    request.addEventListener("error", () => reject(unreachable()));
    request.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
  });
  request.open("POST", url);
  request.setRequestHeader("X-CSRFToken", document.querySelector('meta[name="csrf-token"]')?.content ?? "");
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.setRequestHeader("Accept", "application/json");
  request.send(file);
  return { answered, abort: () => request.abort() };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const unreachable = () => new Problem({ status: 0, title: t("The server cannot be reached."), detail: t("Check the connection and try again.") });
