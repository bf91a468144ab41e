// linear.subgroup8: the products of linear.wgsl for adapters whose subgroups are always 8 lanes wide.
//
// A workgroup is one subgroup and owns 16 rows × 32 columns of the result. Each lane loads two rows of the left operand
// and broadcasts them, so an element is loaded once per workgroup instead of once per lane. On software adapters, where a load
// costs as much as 30 multiplications, this is three times as fast.
//
//   formulas, shapes, addend   see linear.wgsl
//   prelude    lib/operand, lib/linear.wgsl, subgroups enabled
//   dispatch   (ceil(columns4 / 8), ceil(rows / 16))

struct Params { rows: u32, columns4: u32, depth: u32, a_stride4: u32, added_stride4: u32, y_stride4: u32 }

@compute @workgroup_size(8)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let m = group.y * 16u;
  let n = group.x * 8u + lane;
  let upper = min(m + lane, p.rows - 1u) * p.a_stride4;
  let lower = min(m + 8u + lane, p.rows - 1u) * p.a_stride4;
  let column = min(n, p.columns4 - 1u) * 4u * p.depth;
  var y0 = vec4f(); var y1 = vec4f(); var y2 = vec4f(); var y3 = vec4f();
  var y4 = vec4f(); var y5 = vec4f(); var y6 = vec4f(); var y7 = vec4f();
  var y8 = vec4f(); var y9 = vec4f(); var y10 = vec4f(); var y11 = vec4f();
  var y12 = vec4f(); var y13 = vec4f(); var y14 = vec4f(); var y15 = vec4f();
  for (var k = 0u; k < p.depth; k++) {
    let w = transpose(mat4x4f(operand(column + k), operand(column + p.depth + k),
                              operand(column + 2u * p.depth + k), operand(column + 3u * p.depth + k)));
    let u = a[upper + k];
    let l = a[lower + k];
    y0 += w * subgroupBroadcast(u, 0u);
    y1 += w * subgroupBroadcast(u, 1u);
    y2 += w * subgroupBroadcast(u, 2u);
    y3 += w * subgroupBroadcast(u, 3u);
    y4 += w * subgroupBroadcast(u, 4u);
    y5 += w * subgroupBroadcast(u, 5u);
    y6 += w * subgroupBroadcast(u, 6u);
    y7 += w * subgroupBroadcast(u, 7u);
    y8 += w * subgroupBroadcast(l, 0u);
    y9 += w * subgroupBroadcast(l, 1u);
    y10 += w * subgroupBroadcast(l, 2u);
    y11 += w * subgroupBroadcast(l, 3u);
    y12 += w * subgroupBroadcast(l, 4u);
    y13 += w * subgroupBroadcast(l, 5u);
    y14 += w * subgroupBroadcast(l, 6u);
    y15 += w * subgroupBroadcast(l, 7u);
  }
  store(m, n, y0); store(m + 1u, n, y1); store(m + 2u, n, y2); store(m + 3u, n, y3);
  store(m + 4u, n, y4); store(m + 5u, n, y5); store(m + 6u, n, y6); store(m + 7u, n, y7);
  store(m + 8u, n, y8); store(m + 9u, n, y9); store(m + 10u, n, y10); store(m + 11u, n, y11);
  store(m + 12u, n, y12); store(m + 13u, n, y13); store(m + 14u, n, y14); store(m + 15u, n, y15);
}

@compute @workgroup_size(8)
fn backward_x(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let m = group.y * 16u;
  let n = group.x * 8u + lane;
  let upper = min(m + lane, p.rows - 1u) * p.a_stride4;
  let lower = min(m + 8u + lane, p.rows - 1u) * p.a_stride4;
  let column = min(n, p.columns4 - 1u);
  let stride = p.columns4;
  var y0 = vec4f(); var y1 = vec4f(); var y2 = vec4f(); var y3 = vec4f();
  var y4 = vec4f(); var y5 = vec4f(); var y6 = vec4f(); var y7 = vec4f();
  var y8 = vec4f(); var y9 = vec4f(); var y10 = vec4f(); var y11 = vec4f();
  var y12 = vec4f(); var y13 = vec4f(); var y14 = vec4f(); var y15 = vec4f();
  for (var k = 0u; k < p.depth; k++) {
    let r = column + 4u * k * stride;
    let w = mat4x4f(operand(r), operand(r + stride), operand(r + 2u * stride), operand(r + 3u * stride));
    let u = a[upper + k];
    let l = a[lower + k];
    y0 += w * subgroupBroadcast(u, 0u);
    y1 += w * subgroupBroadcast(u, 1u);
    y2 += w * subgroupBroadcast(u, 2u);
    y3 += w * subgroupBroadcast(u, 3u);
    y4 += w * subgroupBroadcast(u, 4u);
    y5 += w * subgroupBroadcast(u, 5u);
    y6 += w * subgroupBroadcast(u, 6u);
    y7 += w * subgroupBroadcast(u, 7u);
    y8 += w * subgroupBroadcast(l, 0u);
    y9 += w * subgroupBroadcast(l, 1u);
    y10 += w * subgroupBroadcast(l, 2u);
    y11 += w * subgroupBroadcast(l, 3u);
    y12 += w * subgroupBroadcast(l, 4u);
    y13 += w * subgroupBroadcast(l, 5u);
    y14 += w * subgroupBroadcast(l, 6u);
    y15 += w * subgroupBroadcast(l, 7u);
  }
  store(m, n, y0); store(m + 1u, n, y1); store(m + 2u, n, y2); store(m + 3u, n, y3);
  store(m + 4u, n, y4); store(m + 5u, n, y5); store(m + 6u, n, y6); store(m + 7u, n, y7);
  store(m + 8u, n, y8); store(m + 9u, n, y9); store(m + 10u, n, y10); store(m + 11u, n, y11);
  store(m + 12u, n, y12); store(m + 13u, n, y13); store(m + 14u, n, y14); store(m + 15u, n, y15);
}

fn outer(row: vec4f, column: vec4f) -> mat4x4f {
  return mat4x4f(row.x * column, row.y * column, row.z * column, row.w * column);
}

// dy[k, m + 4·quad …] for one of four terms k and one of four quads of rows; zero beyond the last term.
fn term(k: u32, quad: u32, m4: u32) -> vec4f {
  let rows4 = p.rows / 4u;
  let v = a[min(k, p.depth - 1u) * p.a_stride4 + min(m4 + quad, rows4 - 1u)];
  return select(vec4f(), v, k < p.depth);
}

@compute @workgroup_size(8)
fn backward_w(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let m = group.y * 16u;
  let n = group.x * 8u + lane;
  let column = min(n, p.columns4 - 1u);
  let last = p.depth - 1u;
  var q0 = mat4x4f(); var q1 = mat4x4f(); var q2 = mat4x4f(); var q3 = mat4x4f();
  for (var k = 0u; k < p.depth; k += 4u) {
    let u = term(k + lane / 4u, lane % 4u, m / 4u);
    let l = term(k + 2u + lane / 4u, lane % 4u, m / 4u);
    let x0 = operand(k * p.columns4 + column);
    let x1 = operand(min(k + 1u, last) * p.columns4 + column);
    let x2 = operand(min(k + 2u, last) * p.columns4 + column);
    let x3 = operand(min(k + 3u, last) * p.columns4 + column);
    q0 += outer(subgroupBroadcast(u, 0u), x0) + outer(subgroupBroadcast(u, 4u), x1);
    q1 += outer(subgroupBroadcast(u, 1u), x0) + outer(subgroupBroadcast(u, 5u), x1);
    q2 += outer(subgroupBroadcast(u, 2u), x0) + outer(subgroupBroadcast(u, 6u), x1);
    q3 += outer(subgroupBroadcast(u, 3u), x0) + outer(subgroupBroadcast(u, 7u), x1);
    q0 += outer(subgroupBroadcast(l, 0u), x2) + outer(subgroupBroadcast(l, 4u), x3);
    q1 += outer(subgroupBroadcast(l, 1u), x2) + outer(subgroupBroadcast(l, 5u), x3);
    q2 += outer(subgroupBroadcast(l, 2u), x2) + outer(subgroupBroadcast(l, 6u), x3);
    q3 += outer(subgroupBroadcast(l, 3u), x2) + outer(subgroupBroadcast(l, 7u), x3);
  }
  for (var i = 0u; i < 4u; i++) {
    store(m + i, n, q0[i]);
    store(m + 4u + i, n, q1[i]);
    store(m + 8u + i, n, q2[i]);
    store(m + 12u + i, n, q3[i]);
  }
}
