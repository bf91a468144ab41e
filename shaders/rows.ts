// rows: CPU sibling of rows.wgsl, with its formulas and shapes.
//
//   reference  tests/reference/rows.ts

export function rows_gather(rows: i32, columns4: i32, index: usize, x: usize, y: usize): void {
  const bytes = <usize>columns4 << 4;
  for (let r = 0; r < rows; r++) memory.copy(y + <usize>r * bytes, x + load<u32>(index + <usize>r * 4) * bytes, bytes);
}

export function rows_scatter(rows: i32, columns4: i32, index: usize, x: usize, y: usize): void {
  const bytes = <usize>columns4 << 4;
  for (let r = 0; r < rows; r++) memory.copy(y + load<u32>(index + <usize>r * 4) * bytes, x + <usize>r * bytes, bytes);
}
