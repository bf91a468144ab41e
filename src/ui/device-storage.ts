/** Key of the monitor's list, if the visitor has changed it. */
export const FLAGS = "flags";

/** Keeps a text on this device; if it cannot be stored, it lasts until the page is closed. */
export function keepOnDevice(key: string, text: string): void {
  try {
    deviceStorage()?.setItem(key, text);
  } catch {
    // Full, or blocked for this page.
  }
}

/** The browser's storage for this page; null if it is blocked. */
export function deviceStorage(): Storage | null {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    // A browser that blocks storage throws on any access to it.
    return null;
  }
}
