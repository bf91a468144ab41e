// linear.tiled: the products of linear.wgsl through workgroup memory, for GPUs.
//
// A workgroup owns ROWS × 64 columns of the result and sums in steps of 16 terms: it loads both operands' parts into workgroup
// memory, with the terms as the slow axis, and every lane adds 8 rows × 8 columns. Terms are added in order, for any tile. For a
// weight gradient with few tiles and a long sum, `backward_w` sums slices in parallel and `total` adds them in order: no atomics,
// one order, same bits.
//
//   formulas, shapes, addend   see linear.wgsl
//   prelude    lib/operand, lib/linear.wgsl; const ROWS: u32 (64 or 128), which is also the number of lanes; 8 or 12 KiB of workgroup memory
//   dispatch   forward, backward_x: (ceil(columns4 / 16), ceil(rows / ROWS))
//              backward_w: (ceil(columns4 / 16), slices · ceil(rows / ROWS)); y is [slices, rows, columns4] where slices > 1
//              total: rows · columns4 lanes in a folded grid

struct Params { rows: u32, columns4: u32, depth: u32, a_stride4: u32, added_stride4: u32, y_stride4: u32, slices: u32 }

const ROWS4 = ROWS / 4u;
const COLUMNS4 = 16u;
const STEP = 16u;                                                  // terms of the sum in workgroup memory

var<workgroup> part_a: array<vec4f, STEP * ROWS4>;                 // [term][row / 4]
var<workgroup> part_b: array<vec4f, STEP * COLUMNS4>;              // [term][column / 4]

struct Tile { top_left: mat4x4f, top_right: mat4x4f, bottom_left: mat4x4f, bottom_right: mat4x4f }

// A matrix here is four rows of the result, a vec4 of columns each.
fn add_outer(sum: mat4x4f, row: vec4f, column: vec4f) -> mat4x4f {
  return mat4x4f(fma(vec4f(row.x), column, sum[0]), fma(vec4f(row.y), column, sum[1]),
                 fma(vec4f(row.z), column, sum[2]), fma(vec4f(row.w), column, sum[3]));
}

// Adds the 16 terms in workgroup memory. A lane's two halves are half a tile apart, so that neighbouring lanes read neighbouring
// vectors.
fn add_step(tile: ptr<function, Tile>, across: u32, down: u32) {
  for (var k = 0u; k < STEP; k++) {
    let top = part_a[k * ROWS4 + down];
    let bottom = part_a[k * ROWS4 + down + ROWS4 / 2u];
    let left = part_b[k * COLUMNS4 + across];
    let right = part_b[k * COLUMNS4 + across + COLUMNS4 / 2u];
    (*tile).top_left = add_outer((*tile).top_left, top, left);
    (*tile).top_right = add_outer((*tile).top_right, top, right);
    (*tile).bottom_left = add_outer((*tile).bottom_left, bottom, left);
    (*tile).bottom_right = add_outer((*tile).bottom_right, bottom, right);
  }
}

fn store_rows(slice: u32, row: u32, column4: u32, sums: mat4x4f) {
  if (column4 >= p.columns4) { return; }
  for (var i = 0u; i < 4u; i++) {
    if (row + i < p.rows) { y[(slice * p.rows + row + i) * p.y_stride4 + column4] = sums[i] + addend(row + i, column4); }
  }
}

fn store_tile(slice: u32, row: u32, column4: u32, tile: Tile) {
  store_rows(slice, row, column4, tile.top_left);
  store_rows(slice, row, column4 + COLUMNS4 / 2u, tile.top_right);
  store_rows(slice, row + ROWS / 2u, column4, tile.bottom_left);
  store_rows(slice, row + ROWS / 2u, column4 + COLUMNS4 / 2u, tile.bottom_right);
}

// Loads four rows of `a` with four terms each, transposed so that the terms are the slow axis; zero beyond the last term.
fn bring_rows_of_a(m: u32, k: u32, lane: u32) {
  let row = m + lane / 4u * 4u;
  let last = p.rows - 1u;
  let term = min(k + lane % 4u, p.depth - 1u);
  let inside = select(0.0, 1.0, k + lane % 4u < p.depth);
  let block = transpose(mat4x4f(a[min(row, last) * p.a_stride4 + term], a[min(row + 1u, last) * p.a_stride4 + term],
                                a[min(row + 2u, last) * p.a_stride4 + term], a[min(row + 3u, last) * p.a_stride4 + term]));
  for (var i = 0u; i < 4u; i++) { part_a[(lane % 4u * 4u + i) * ROWS4 + lane / 4u] = block[i] * inside; }
}

// Loads 64 rows of w, which are columns of the result; only the first 64 lanes load.
fn bring_columns_of_w(n: u32, k: u32, lane: u32) {
  if (lane >= COLUMNS4 * 4u) { return; }
  let row = min(n + lane / 4u, p.columns4 - 1u) * 4u;
  let term = min(k + lane % 4u, p.depth - 1u);
  let inside = select(0.0, 1.0, k + lane % 4u < p.depth);
  let block = transpose(mat4x4f(operand(row * p.depth + term), operand((row + 1u) * p.depth + term),
                                operand((row + 2u) * p.depth + term), operand((row + 3u) * p.depth + term)));
  for (var i = 0u; i < 4u; i++) { part_b[(lane % 4u * 4u + i) * COLUMNS4 + lane / 4u] = block[i] * inside; }
}

// Loads terms first … first + 15 of `b`, untransposed: [terms, columns4]; zero from `end` on.
fn bring_terms_of_b(n: u32, first: u32, end: u32, lane: u32) {
  for (var i = lane; i < STEP * COLUMNS4; i += ROWS) {
    let term = first + i / COLUMNS4;
    let v = operand(min(term, end - 1u) * p.columns4 + min(n + i % COLUMNS4, p.columns4 - 1u));
    part_b[i] = select(vec4f(), v, term < end);
  }
}

// Loads the same terms of `a`, [terms, rows / 4].
fn bring_terms_of_a(m: u32, first: u32, end: u32, lane: u32) {
  let rows4 = p.rows / 4u;
  for (var i = lane; i < STEP * ROWS4; i += ROWS) {
    let term = first + i / ROWS4;
    let v = a[min(term, end - 1u) * p.a_stride4 + min(m / 4u + i % ROWS4, rows4 - 1u)];
    part_a[i] = select(vec4f(), v, term < end);
  }
}

@compute @workgroup_size(8, ROWS / 8u)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let m = group.y * ROWS;
  let n = group.x * COLUMNS4;
  var tile = Tile();
  for (var k = 0u; k < p.depth; k += STEP / 4u) {
    bring_rows_of_a(m, k, lane);
    bring_columns_of_w(n, k, lane);
    workgroupBarrier();
    add_step(&tile, id.x, id.y);
    workgroupBarrier();
  }
  store_tile(0u, m + id.y * 4u, n + id.x, tile);
}

@compute @workgroup_size(8, ROWS / 8u)
fn backward_x(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let m = group.y * ROWS;
  let n = group.x * COLUMNS4;
  var tile = Tile();
  for (var k = 0u; k < p.depth; k += STEP / 4u) {
    bring_rows_of_a(m, k, lane);
    bring_terms_of_b(n, k * 4u, p.depth * 4u, lane);
    workgroupBarrier();
    add_step(&tile, id.x, id.y);
    workgroupBarrier();
  }
  store_tile(0u, m + id.y * 4u, n + id.x, tile);
}

@compute @workgroup_size(8, ROWS / 8u)
fn backward_w(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let tiles = (p.rows + ROWS - 1u) / ROWS;
  let slice = group.y / tiles;
  let m = group.y % tiles * ROWS;
  let n = group.x * COLUMNS4;
  let length = (p.depth + p.slices - 1u) / p.slices;
  let end = min((slice + 1u) * length, p.depth);
  var tile = Tile();
  for (var k = slice * length; k < end; k += STEP) {
    bring_terms_of_a(m, k, end, lane);
    bring_terms_of_b(n, k, end, lane);
    workgroupBarrier();
    add_step(&tile, id.x, id.y);
    workgroupBarrier();
  }
  store_tile(slice, m + id.y * 4u, n + id.x, tile);
}

@compute @workgroup_size(64)
fn total(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  let count = p.rows * p.columns4;
  if (i >= count) { return; }
  var sum = vec4f();
  if (ADDEND == RESULT) { sum = y[i]; }
  for (var slice = 0u; slice < p.slices; slice++) { sum += a[slice * count + i]; }
  y[i] = sum;
}
