/** Heap images in the browser's cache storage, for a fast start of the next visit. */
import { packImages, unpackImages } from "./image-file";
import type { Images } from "./pool";

const STORE = "kelvin-python";

/** Images built from exactly this `source`; null if there are none. */
export async function readImages(source: string): Promise<Images | null> {
  try {
    const cache = await caches.open(STORE);
    const response = await cache.match(await addressOf(source));
    if (!response) return null;
    return unpackImages(new Uint8Array(await response.arrayBuffer()));
  } catch {
    return null; // without storage, images are built again
  }
}

/** Stores these images and deletes those of other sources. */
export async function writeImages(source: string, images: Images): Promise<void> {
  try {
    await caches.delete(STORE);
    const cache = await caches.open(STORE);
    await cache.put(await addressOf(source), new Response(new Blob(packImages(images))));
  } catch {
    // No storage, or no space: see above.
  }
}

async function addressOf(source: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(source)));
  return `/python-${Array.from(hash.slice(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
