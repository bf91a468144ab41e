// lora: low-rank adapters on a slice of the columns of a fused projection. Hu et al., arXiv 2106.09685 §4.1.
//
// linear.wgsl computes h = x·Aᵀ, dA = dhᵀ·x and dx += dh·A, with the A of all targets of one input stacked. The kernels here read
// and write one target's columns s … of a wider row, and its ranks t … of the stacked h:
//
//   expand       y[m,s+n]      += scale · Σ_r h[m,t+r]·B[n,r]
//   backward_h   dh[m,t+r]      = scale · Σ_n dy[m,s+n]·B[n,r]
//   backward_b   partial[i,n,r] = scale · Σ_{m in slice i} dy[m,s+n]·h[m,t+r]    (reduce.column_total adds them to dB)
//
//   shapes     y dy [M,width] vec4    h dh [M,ranks] vec4    B [N,rank] vec4: all rows padded with zeros, f32 throughout
//   tile       four rows × one vec4 of columns per lane: ranks are small, and B is read most often
//   dispatch   expand: (ceil(N4 / 8), ceil(M / 32))   backward_h: (ceil(R4 / 8), ceil(M / 32))   backward_b: ceil(slices·N4·R4 / 64) folded
//   reference  tests/reference/lora.ts

// Fields ending in 4 count vec4: outputs4 and rank4 of this target, width4 and ranks4 of the rows that contain them. lanes: lanes
// per row of workgroups, if a dispatch is folded into several rows.
struct Params { rows: u32, outputs4: u32, rank4: u32, width4: u32, offset4: u32, ranks4: u32, rank_offset4: u32, slices: u32, lanes: u32, scale: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;          // B
@group(0) @binding(2) var<storage, read> wide: array<vec4f>;       // dy
@group(0) @binding(3) var<storage, read> narrow: array<vec4f>;     // h
@group(0) @binding(4) var<storage, read_write> result: array<vec4f>;

fn wide_at(row: u32, column4: u32) -> u32 { return row * p.width4 + p.offset4 + column4; }
fn narrow_at(row: u32, rank4: u32) -> u32 { return row * p.ranks4 + p.rank_offset4 + rank4; }

// Rows 4n … 4n+3 of B, four ranks each.
fn block_of_b(n: u32, k: u32) -> mat4x4f {
  let i = n * 4u * p.rank4 + k;
  return mat4x4f(b[i], b[i + p.rank4], b[i + 2u * p.rank4], b[i + 3u * p.rank4]);
}

@compute @workgroup_size(8, 8)
fn expand(@builtin(global_invocation_id) id: vec3u) {
  let n = id.x;
  let m = id.y * 4u;
  if (n >= p.outputs4 || m >= p.rows) { return; }
  let last = p.rows - 1u;                                          // reads beyond it are clamped to it and never stored
  var sum = mat4x4f();
  for (var k = 0u; k < p.rank4; k++) {
    let h = mat4x4f(narrow[narrow_at(m, k)], narrow[narrow_at(min(m + 1u, last), k)],
                    narrow[narrow_at(min(m + 2u, last), k)], narrow[narrow_at(min(m + 3u, last), k)]);
    sum += transpose(block_of_b(n, k)) * h;
  }
  for (var i = 0u; i < 4u; i++) {
    if (m + i < p.rows) { result[wide_at(m + i, n)] += p.scale * sum[i]; }
  }
}

@compute @workgroup_size(8, 8)
fn backward_h(@builtin(global_invocation_id) id: vec3u) {
  let k = id.x;
  let m = id.y * 4u;
  if (k >= p.rank4 || m >= p.rows) { return; }
  let last = p.rows - 1u;
  var sum = mat4x4f();
  for (var n = 0u; n < p.outputs4; n++) {
    let dy = mat4x4f(wide[wide_at(m, n)], wide[wide_at(min(m + 1u, last), n)],
                     wide[wide_at(min(m + 2u, last), n)], wide[wide_at(min(m + 3u, last), n)]);
    sum += block_of_b(n, k) * dy;
  }
  for (var i = 0u; i < 4u; i++) {
    if (m + i < p.rows) { result[narrow_at(m + i, k)] = p.scale * sum[i]; }
  }
}

@compute @workgroup_size(64)
fn backward_b(@builtin(global_invocation_id) id: vec3u) {
  let cells = p.outputs4 * p.rank4;
  let lane = id.y * p.lanes + id.x;
  let slice = lane / cells;
  if (slice >= p.slices) { return; }
  let n = lane % cells / p.rank4;
  let k = lane % p.rank4;
  let size = (p.rows + p.slices - 1u) / p.slices;
  var sum = mat4x4f();
  for (var m = slice * size; m < min((slice + 1u) * size, p.rows); m++) {
    let dy = wide[wide_at(m, n)];
    let h = narrow[narrow_at(m, k)];
    sum += mat4x4f(dy.x * h, dy.y * h, dy.z * h, dy.w * h);
  }
  for (var i = 0u; i < 4u; i++) { result[slice * cells * 4u + (n * 4u + i) * p.rank4 + k] = p.scale * sum[i]; }
}
