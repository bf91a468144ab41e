// linear.subgroup4: the products of linear.wgsl for adapters whose subgroups are always 4 lanes wide (SwiftShader).
//
// A workgroup is one subgroup and owns 16 rows × 16 columns of the result. Each lane loads four rows of the left operand and the
// quad swaps them: half the loads of the plain register tile. On SwiftShader a swap is one instruction and a broadcast five. With
// swaps, each lane has its own order of rows: the j-th row that a lane multiplies was loaded by lane ^ j.
//
//   formulas, shapes, addend   see linear.wgsl
//   prelude    lib/operand, lib/linear.wgsl, subgroups enabled
//   dispatch   (ceil(columns4 / 4), ceil(rows / 16))

struct Params { rows: u32, columns4: u32, depth: u32, a_stride4: u32, added_stride4: u32, y_stride4: u32 }

// The vectors of the quad's lanes, this lane's own first: column j is from lane ^ j.
fn quad(v: vec4f) -> mat4x4f { return mat4x4f(v, quadSwapX(v), quadSwapY(v), quadSwapDiagonal(v)); }

fn store_quad(m: u32, n: u32, lane: u32, rows: mat4x4f) {
  store(m + lane, n, rows[0]);
  store(m + (lane ^ 1u), n, rows[1]);
  store(m + (lane ^ 2u), n, rows[2]);
  store(m + (lane ^ 3u), n, rows[3]);
}

// Start of this lane's row of the quad at `m`; rows are clamped to the last one (results beyond it are never stored).
fn row_of_a(m: u32, lane: u32) -> u32 { return min(m + lane, p.rows - 1u) * p.a_stride4; }

@compute @workgroup_size(4)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let m = group.y * 16u;
  let n = group.x * 4u + lane;
  let row0 = row_of_a(m, lane);
  let row1 = row_of_a(m + 4u, lane);
  let row2 = row_of_a(m + 8u, lane);
  let row3 = row_of_a(m + 12u, lane);
  let column = min(n, p.columns4 - 1u) * 4u * p.depth;
  var y0 = mat4x4f(); var y1 = mat4x4f(); var y2 = mat4x4f(); var y3 = mat4x4f();
  for (var k = 0u; k < p.depth; k++) {
    let w = transpose(mat4x4f(operand(column + k), operand(column + p.depth + k),
                              operand(column + 2u * p.depth + k), operand(column + 3u * p.depth + k)));
    y0 += w * quad(a[row0 + k]);
    y1 += w * quad(a[row1 + k]);
    y2 += w * quad(a[row2 + k]);
    y3 += w * quad(a[row3 + k]);
  }
  store_quad(m, n, lane, y0);
  store_quad(m + 4u, n, lane, y1);
  store_quad(m + 8u, n, lane, y2);
  store_quad(m + 12u, n, lane, y3);
}

@compute @workgroup_size(4)
fn backward_x(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let m = group.y * 16u;
  let n = group.x * 4u + lane;
  let row0 = row_of_a(m, lane);
  let row1 = row_of_a(m + 4u, lane);
  let row2 = row_of_a(m + 8u, lane);
  let row3 = row_of_a(m + 12u, lane);
  let column = min(n, p.columns4 - 1u);
  let stride = p.columns4;
  var y0 = mat4x4f(); var y1 = mat4x4f(); var y2 = mat4x4f(); var y3 = mat4x4f();
  for (var k = 0u; k < p.depth; k++) {
    let r = column + 4u * k * stride;
    let w = mat4x4f(operand(r), operand(r + stride), operand(r + 2u * stride), operand(r + 3u * stride));
    y0 += w * quad(a[row0 + k]);
    y1 += w * quad(a[row1 + k]);
    y2 += w * quad(a[row2 + k]);
    y3 += w * quad(a[row3 + k]);
  }
  store_quad(m, n, lane, y0);
  store_quad(m + 4u, n, lane, y1);
  store_quad(m + 8u, n, lane, y2);
  store_quad(m + 12u, n, lane, y3);
}

// dy[k, m + 4·lane …] for one term k, and the other lanes' parts; zero beyond the last term.
fn term_of_dy(k: u32, lane: u32, m4: u32) -> mat4x4f {
  let v = a[min(k, p.depth - 1u) * p.a_stride4 + min(m4 + lane, p.rows / 4u - 1u)];
  return quad(select(vec4f(), v, k < p.depth));
}

fn term_of_x(k: u32, column: u32) -> vec4f { return operand(min(k, p.depth - 1u) * p.columns4 + column); }

fn store_rows(m: u32, n: u32, rows: mat4x4f) {
  for (var i = 0u; i < 4u; i++) { store(m + i, n, rows[i]); }
}

@compute @workgroup_size(4)
fn backward_w(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let m = group.y * 16u;
  let n = group.x * 4u + lane;
  let column = min(n, p.columns4 - 1u);
  var q0 = mat4x4f(); var q1 = mat4x4f(); var q2 = mat4x4f(); var q3 = mat4x4f();
  for (var k = 0u; k < p.depth; k += 4u) {
    let x = mat4x4f(term_of_x(k, column), term_of_x(k + 1u, column), term_of_x(k + 2u, column), term_of_x(k + 3u, column));
    let t0 = term_of_dy(k, lane, m / 4u);
    let t1 = term_of_dy(k + 1u, lane, m / 4u);
    let t2 = term_of_dy(k + 2u, lane, m / 4u);
    let t3 = term_of_dy(k + 3u, lane, m / 4u);
    q0 += x * transpose(mat4x4f(t0[0], t1[0], t2[0], t3[0]));
    q1 += x * transpose(mat4x4f(t0[1], t1[1], t2[1], t3[1]));
    q2 += x * transpose(mat4x4f(t0[2], t1[2], t2[2], t3[2]));
    q3 += x * transpose(mat4x4f(t0[3], t1[3], t2[3], t3[3]));
  }
  store_rows(m + 4u * lane, n, q0);
  store_rows(m + 4u * (lane ^ 1u), n, q1);
  store_rows(m + 4u * (lane ^ 2u), n, q2);
  store_rows(m + 4u * (lane ^ 3u), n, q3);
}
