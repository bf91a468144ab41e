// swiglu: the gated unit of the MLP. Shazeer, arXiv 2002.05202.
//
//   forward    y = silu(g) · u                           silu(g) = g · σ(g)
//   backward   dg = dy · u · σ(g) · (1 + g · (1 − σ(g)))      du = dy · silu(g)
//
//   shapes     gu dgu [N, 2·F/4] vec4: gate then up in one row    y dy [N, F/4] vec4
//   dispatch   ceil(N·F4 / 64)
//   reference  tests/reference/swiglu.ts

struct Params { rows: u32, columns4: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> gu: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

fn sigmoid(g: vec4f) -> vec4f { return 1.0 / (1.0 + exp(-g)); }

@compute @workgroup_size(64)
fn forward(@builtin(global_invocation_id) id: vec3u) {
  let n = id.x / p.columns4;
  if (n >= p.rows) { return; }
  let i = n * 2u * p.columns4 + id.x % p.columns4;
  let g = gu[i];
  y[id.x] = g * sigmoid(g) * gu[i + p.columns4];
}

@group(0) @binding(3) var<storage, read> dy: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dgu: array<vec4f>;

@compute @workgroup_size(64)
fn backward(@builtin(global_invocation_id) id: vec3u) {
  let n = id.x / p.columns4;
  if (n >= p.rows) { return; }
  let i = n * 2u * p.columns4 + id.x % p.columns4;
  let g = gu[i];
  let s = sigmoid(g);
  let d = dy[id.x];
  dgu[i] = d * gu[i + p.columns4] * s * (1.0 + g * (1.0 - s));
  dgu[i + p.columns4] = d * g * s;
}
