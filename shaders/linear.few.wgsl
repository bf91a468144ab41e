// linear.few: forward for a few rows, such as a decode step of a few sequences, without idle lanes for missing rows.
//
// Adds the terms of a sum in the order of linear.wgsl. `ops/gate-linear.ts` allows it only if the device gives the same bits, so
// that a row's result does not depend on the number of rows.
//
//   formulas, shapes, addend   see linear.wgsl
//   prelude    lib/operand, lib/linear.wgsl
//   dispatch   (ceil(columns4 / 32), ceil(rows / 4)); each lane computes one vec4 of columns for four rows, or for the only row

struct Params { rows: u32, columns4: u32, depth: u32, a_stride4: u32, added_stride4: u32, y_stride4: u32 }

fn columns_of_w(column: u32, k: u32) -> mat4x4f {
  return transpose(mat4x4f(operand(column + k), operand(column + p.depth + k),
                           operand(column + 2u * p.depth + k), operand(column + 3u * p.depth + k)));
}

@compute @workgroup_size(32)
fn forward(@builtin(global_invocation_id) id: vec3u) {
  let n = id.x;
  if (n >= p.columns4) { return; }
  let column = n * 4u * p.depth;
  let m = id.y * 4u;
  let last = p.rows - 1u;
  if (m == last) {
    var y0 = vec4f();
    for (var k = 0u; k < p.depth; k++) { y0 += columns_of_w(column, k) * a[m * p.a_stride4 + k]; }
    store(m, n, y0);
    return;
  }
  var y0 = vec4f(); var y1 = vec4f(); var y2 = vec4f(); var y3 = vec4f();
  for (var k = 0u; k < p.depth; k++) {
    let w = columns_of_w(column, k);
    y0 += w * a[m * p.a_stride4 + k];
    y1 += w * a[min(m + 1u, last) * p.a_stride4 + k];
    y2 += w * a[min(m + 2u, last) * p.a_stride4 + k];
    y3 += w * a[min(m + 3u, last) * p.a_stride4 + k];
  }
  store(m, n, y0); store(m + 1u, n, y1); store(m + 2u, n, y2); store(m + 3u, n, y3);
}
