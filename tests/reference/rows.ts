/** y[r] = x[index[r]] */
export function gather(columns: number, index: ArrayLike<number>, x: Float64Array): Float64Array {
  const y = new Float64Array(index.length * columns);
  for (let r = 0; r < index.length; r++) {
    for (let c = 0; c < columns; c++) y[r * columns + c] = x[index[r]! * columns + c]!;
  }
  return y;
}

/** before, with row index[r] replaced by x[r] */
export function scatter(
  columns: number,
  index: ArrayLike<number>,
  x: Float64Array,
  before: Float64Array,
): Float64Array {
  const y = Float64Array.from(before);
  for (let r = 0; r < index.length; r++) {
    for (let c = 0; c < columns; c++) y[index[r]! * columns + c] = x[r * columns + c]!;
  }
  return y;
}
