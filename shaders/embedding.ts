// embedding: CPU sibling of embedding.wgsl, with its formulas and shapes. The table may be of halves.
//
//   constants  halves
//   reference  tests/reference/embedding.ts
import { splat, widened } from "./lib/vector";

export function embedding_forward(count: i32, columns4: i32, first: u32, rows: u32, tokens: usize, table: usize, x: usize, halves: i32): void {
  const bytes = <usize>columns4 << 4;
  for (let n = 0; n < count; n++) {
    const row = load<u32>(tokens + <usize>n * 4) - first, to = x + <usize>n * bytes;
    if (row >= rows) continue;
    if (!halves) memory.copy(to, table + row * bytes, bytes);
    else for (let c: usize = 0, from = table + row * (bytes >> 1); c < bytes; c += 16, from += 8) v128.store(to + c, widened(from));
  }
}

export function embedding_backward(count: i32, columns4: i32, first: u32, rows: u32, tokens: usize, order: usize, runs: usize, dx: usize, dtable: usize, halves: i32): void {
  const bytes = <usize>columns4 << 4;
  for (let run = 0; run < count; run++) {
    const from = load<u32>(runs + <usize>run * 4), to = load<u32>(runs + <usize>run * 4, 4);
    const row = load<u32>(tokens + <usize>load<u32>(order + from * 4) * 4) - first;
    if (row >= rows) continue;
    for (let c: usize = 0; c < bytes; c += 16) {
      let sum = splat(0);
      for (let i = from; i < to; i++) sum = f32x4.add(sum, v128.load(dx + load<u32>(order + i * 4) * bytes + c));
      const at = dtable + row * bytes + c;
      v128.store(at, f32x4.add(v128.load(at), sum));
    }
  }
}
