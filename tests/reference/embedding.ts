/** x[n] = table[tokens[n]] */
export function forward(columns: number, tokens: ArrayLike<number>, table: Float64Array): Float64Array {
  const x = new Float64Array(tokens.length * columns);
  for (let n = 0; n < tokens.length; n++) {
    for (let c = 0; c < columns; c++) x[n * columns + c] = table[tokens[n]! * columns + c]!;
  }
  return x;
}

/** dtable[t] = Σ of dx[n] where tokens[n] = t */
export function backward(
  columns: number,
  vocabulary: number,
  tokens: ArrayLike<number>,
  dx: Float64Array,
): Float64Array {
  const dtable = new Float64Array(vocabulary * columns);
  for (let n = 0; n < tokens.length; n++) {
    for (let c = 0; c < columns; c++) dtable[tokens[n]! * columns + c]! += dx[n * columns + c]!;
  }
  return dtable;
}
