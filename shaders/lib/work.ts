// The memory that kernels work in, behind the module's own first page. Nothing in it outlives a dispatch.

/** Where it begins. TypeScript side: WORK in src/cpu/memory.ts. */
export const WORK: usize = 0x10000;
export const WORK_BYTES: usize = 0x1000000;

/** Ends the dispatch where the work area is too small for it; the host makes an error of that. */
export function needs(bytes: usize): void {
  if (bytes > WORK_BYTES) unreachable();
}
