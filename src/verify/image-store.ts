/** Heap images kept in the browser's cache storage, so that the next visit boots in a fraction of a second. */
import type { HeapImage } from "./interpreter";
import type { Images } from "./pool";

const STORE = "kelvin-python";

/** Images built from exactly this `source`, or null. */
export async function readImages(source: string): Promise<Images | null> {
  try {
    const cache = await caches.open(STORE);
    const response = await cache.match(await addressOf(source));
    if (!response) return null;
    return unpack(new Uint8Array(await response.arrayBuffer()));
  } catch {
    return null; // Storage is a convenience: without it, images are built again.
  }
}

/** Keeps these images and drops those of any other source. */
export async function writeImages(source: string, images: Images): Promise<void> {
  try {
    await caches.delete(STORE);
    const cache = await caches.open(STORE);
    await cache.put(await addressOf(source), new Response(pack(images)));
  } catch {
    // No storage, or no space: see above.
  }
}

async function addressOf(source: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(source)));
  return `/python-${Array.from(hash.slice(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** Layout: u32 count, then per image u32 entry and u32 length, then all bytes. */
function pack({ snapshot, others }: Images): Blob {
  const all = [snapshot, ...others];
  const header = new Uint32Array([all.length, ...all.flatMap(({ entry, bytes }) => [entry, bytes.length])]);
  return new Blob([header, ...all.map(({ bytes }) => bytes)]);
}

function unpack(data: Uint8Array<ArrayBuffer>): Images | null {
  const words = new Uint32Array(data.buffer, 0, data.length >> 2);
  const count = words[0] ?? 0;
  let at = 4 * (1 + 2 * count);
  const images: HeapImage[] = [];
  for (let index = 0; index < count; index++) {
    const length = words[2 + 2 * index] ?? 0;
    images.push({ entry: words[1 + 2 * index] ?? 0, bytes: data.slice(at, at + length) });
    at += length;
  }
  const [snapshot, ...others] = images;
  return snapshot && at === data.length ? { snapshot, others } : null;
}
