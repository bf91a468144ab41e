// linear: y = x·wᵀ and its two gradients, as three matrix products with a register tile.
//
//   forward      y[m,n]  = Σ_k x[m,k]·w[n,k]  (+ bias[n]) (+ residual[m,n])
//   backward_x   dx[m,c] (+)= Σ_o dy[m,o]·w[o,c]
//   backward_w   dw[o,c] (+)= Σ_m dy[m,o]·x[m,c]
//
//   shapes     every row is padded to a multiple of 4 floats with zeros, so all tensors are vec4; f32; w may be stored as f16
//   tile       8 rows × 8 columns per lane, no workgroup memory; runs everywhere, fast on software adapters without subgroups
//   prelude    lib/operand.float32.wgsl, or float16; const ADDEND: u32, lib/linear.wgsl
//   dispatch   forward, backward_x: (ceil(columns4 / 16), ceil(rows / 64))     backward_w: the same over [O,C]
//   reference  tests/reference/linear.ts    torch.nn.functional.linear

// rows × columns4·4 is the result, depth the length of the sum: in vec4 for forward and backward_x, in rows for backward_w.
// Rows of a, added and y may be parts of wider ones: their strides are counted in vec4.
struct Params { rows: u32, columns4: u32, depth: u32, a_stride4: u32, added_stride4: u32, y_stride4: u32 }

var<private> acc: array<mat4x4f, 4>;                               // two blocks of four rows × two vec4 of columns

fn store_tile(m: u32, n: u32) {
  for (var i = 0u; i < 4u; i++) {
    store(m + i, n, acc[0][i]);
    store(m + i, n + 1u, acc[1][i]);
    store(m + 4u + i, n, acc[2][i]);
    store(m + 4u + i, n + 1u, acc[3][i]);
  }
}

// Four vectors, `stride` apart; rows are clamped to the last one (results beyond it are never stored).
fn block_of_a(m: u32, k: u32) -> mat4x4f {
  let last = p.rows - 1u;
  return mat4x4f(a[min(m, last) * p.a_stride4 + k], a[min(m + 1u, last) * p.a_stride4 + k],
                 a[min(m + 2u, last) * p.a_stride4 + k], a[min(m + 3u, last) * p.a_stride4 + k]);
}

fn block_of_w(n: u32, k: u32) -> mat4x4f {                         // columns n … n+3 of wᵀ, four terms of the sum each
  let c = min(n, p.columns4 * 4u - 4u);
  return mat4x4f(operand(c * p.depth + k), operand((c + 1u) * p.depth + k),
                 operand((c + 2u) * p.depth + k), operand((c + 3u) * p.depth + k));
}

@compute @workgroup_size(8, 8)
fn forward(@builtin(global_invocation_id) id: vec3u) {
  let m = id.y * 8u;
  let n = id.x * 2u;
  acc = array<mat4x4f, 4>();
  for (var k = 0u; k < p.depth; k++) {
    let top = block_of_a(m, k);
    let bottom = block_of_a(m + 4u, k);
    let left = transpose(block_of_w(n * 4u, k));
    let right = transpose(block_of_w(n * 4u + 4u, k));
    acc[0] += left * top;
    acc[1] += right * top;
    acc[2] += left * bottom;
    acc[3] += right * bottom;
  }
  store_tile(m, n);
}

fn block_of_b(k: u32, column4: u32) -> mat4x4f {                    // four terms of the sum, one vec4 of columns each
  let c = min(column4, p.columns4 - 1u);
  let r = k * 4u;
  return mat4x4f(operand(r * p.columns4 + c), operand((r + 1u) * p.columns4 + c),
                 operand((r + 2u) * p.columns4 + c), operand((r + 3u) * p.columns4 + c));
}

@compute @workgroup_size(8, 8)
fn backward_x(@builtin(global_invocation_id) id: vec3u) {
  let m = id.y * 8u;
  let n = id.x * 2u;
  acc = array<mat4x4f, 4>();
  for (var k = 0u; k < p.depth; k++) {
    let top = block_of_a(m, k);
    let bottom = block_of_a(m + 4u, k);
    let left = block_of_b(k, n);
    let right = block_of_b(k, n + 1u);
    acc[0] += left * top;
    acc[1] += right * top;
    acc[2] += left * bottom;
    acc[3] += right * bottom;
  }
  store_tile(m, n);
}

fn outer(row: vec4f, column: vec4f) -> mat4x4f {
  return mat4x4f(row.x * column, row.y * column, row.z * column, row.w * column);
}

@compute @workgroup_size(8, 8)
fn backward_w(@builtin(global_invocation_id) id: vec3u) {
  let m4 = min(id.y * 2u, p.rows / 4u - 1u);
  let n = id.x * 2u;
  let m4_next = min(m4 + 1u, p.rows / 4u - 1u);
  let left_column = min(n, p.columns4 - 1u);
  let right_column = min(n + 1u, p.columns4 - 1u);
  acc = array<mat4x4f, 4>();
  for (var k = 0u; k < p.depth; k++) {
    let top = a[k * p.a_stride4 + m4];
    let bottom = a[k * p.a_stride4 + m4_next];
    let left = operand(k * p.columns4 + left_column);
    let right = operand(k * p.columns4 + right_column);
    acc[0] += outer(top, left);
    acc[1] += outer(top, right);
    acc[2] += outer(bottom, left);
    acc[3] += outer(bottom, right);
  }
  store_tile(id.y * 8u, n);
}
