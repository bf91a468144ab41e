/** The browser's storage for this page; null if it is blocked. */
export function deviceStorage(): Storage | null {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    // A browser that blocks storage throws on any access to it.
    return null;
  }
}
