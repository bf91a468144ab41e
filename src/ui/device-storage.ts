/** The browser's storage for this page; null where it is denied. */
export function deviceStorage(): Storage | null {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    // A browser that denies storage throws on the mere mention of it.
    return null;
  }
}
