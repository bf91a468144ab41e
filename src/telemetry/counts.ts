/** Counts by name. Names come from logs: one may be a word that every object knows, such as "constructor". */
export function counted<K extends string>(
  counts: Readonly<Partial<Record<K, number>>>,
  key: K,
): Readonly<Record<K, number>> {
  const before = Object.hasOwn(counts, key) ? counts[key] : 0;
  return { ...counts, [key]: (before ?? 0) + 1 } as Record<K, number>;
}
