// rows: copies chosen rows out of a tensor and back.
//
//   gather     y[r] = x[index[r]]
//   scatter    y[index[r]] = x[r]            (indices distinct; the caller clears the rest)
//
//   shapes     x y [·,C/4] vec4    index [R]
//   dispatch   ceil(R·C4 / 64)
//   reference  tests/reference/rows.ts

struct Params { rows: u32, columns4: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> index: array<u32>;
@group(0) @binding(2) var<storage, read> x: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn gather(@builtin(global_invocation_id) id: vec3u) {
  let r = id.x / p.columns4;
  if (r >= p.rows) { return; }
  y[id.x] = x[index[r] * p.columns4 + id.x % p.columns4];
}

@compute @workgroup_size(64)
fn scatter(@builtin(global_invocation_id) id: vec3u) {
  let r = id.x / p.columns4;
  if (r >= p.rows) { return; }
  y[index[r] * p.columns4 + id.x % p.columns4] = x[id.x];
}
