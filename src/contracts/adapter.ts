/**
 * Where a page trains. "auto" takes a hardware GPU if there is one, else the CPU engine; "cpu-relaxed" is the CPU engine with
 * relaxed SIMD, whose bits depend on the processor.
 */
export const ADAPTER_WISHES = ["auto", "gpu", "cpu", "cpu-relaxed"] as const;
export type AdapterWish = (typeof ADAPTER_WISHES)[number];

export function isAdapterWish(text: string | undefined): text is AdapterWish {
  return ADAPTER_WISHES.some((known) => known === text);
}
