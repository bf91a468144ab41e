/** Heap images kept in the browser's cache storage, so that the next visit boots in a fraction of a second. */
import { packImages, unpackImages } from "./image-file";
import type { Images } from "./pool";

const STORE = "kelvin-python";

/** Images built from exactly this `source`, or null. */
export async function readImages(source: string): Promise<Images | null> {
  try {
    const cache = await caches.open(STORE);
    const response = await cache.match(await addressOf(source));
    if (!response) return null;
    return unpackImages(new Uint8Array(await response.arrayBuffer()));
  } catch {
    return null; // Storage is a convenience: without it, images are built again.
  }
}

/** Keeps these images and drops those of any other source. */
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
