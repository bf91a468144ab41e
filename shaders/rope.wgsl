// rope: rotary position embedding in the rotate-half form. Su et al., arXiv 2104.09864.
//
//   forward    (a, b) ← (a·cos − b·sin, b·cos + a·sin)      a = x[d], b = x[d + D/2], angle = position · base^(−2d/D)
//   backward   the inverse rotation: sin changes sign
//
// In place on the first `heads` heads of a q·k·v row. The host computes the table of cos and sin in float64, so that every
// adapter uses the same numbers.
//
//   shapes     x [N, stride] f32    positions [N]    table [positions, D/2] vec2 (cos, sin)
//   dispatch   ceil(N·heads / 64), one head per lane
//   reference  tests/reference/rope.ts

struct Params { rows: u32, heads: u32, stride: u32, head_stride: u32, half: u32, sign: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> positions: array<u32>;
@group(0) @binding(2) var<storage, read> table: array<vec2f>;
@group(0) @binding(3) var<storage, read_write> x: array<f32>;

@compute @workgroup_size(64)
fn rotate(@builtin(global_invocation_id) id: vec3u) {
  let n = id.x / p.heads;
  if (n >= p.rows) { return; }
  let row = n * p.stride + (id.x % p.heads) * p.head_stride;
  let angles = positions[n] * p.half;
  for (var d = 0u; d < p.half; d++) {
    let angle = table[angles + d];
    let s = angle.y * p.sign;
    let a = x[row + d];
    let b = x[row + p.half + d];
    x[row + d] = a * angle.x - b * s;
    x[row + p.half + d] = b * angle.x + a * s;
  }
}
