// A photo is made smaller in the browser, before it waits or goes over a slow line.

import { h } from "./dom.js";

const SIDE_PX = 1600;
const QUALITY = 0.85;
const SMALL_BYTES = 400_000;

/** A large photo is made smaller, and as JPEG carries no place and no name of a phone any more; what cannot be read goes as it is. */
export async function smaller(file) {
  if (file.size < SMALL_BYTES) return file;
  const read = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => null);
  if (!read) return file;
  const scale = Math.min(1, SIDE_PX / Math.max(read.width, read.height));
  const canvas = h("canvas", { width: Math.round(read.width * scale), height: Math.round(read.height * scale) });
  canvas.getContext("2d").drawImage(read, 0, 0, canvas.width, canvas.height);
  read.close();
  return new Promise((resolve) => canvas.toBlob((blob) => resolve(blob ?? file), "image/jpeg", QUALITY));
}
