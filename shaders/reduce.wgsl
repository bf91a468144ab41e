// reduce: sums in a fixed order; long sums take two passes.
//
//   column_partial   partial[s,c] = Σ_{n in slice s} x[n,c]
//   column_total     total[c]    += Σ_s partial[s,c]
//   square_partial   partial[g]   = Σ_{i in slice g} x[i]²          (one slice per lane, dot over vec4)
//   norm             norm[0] = sqrt(Σ_g partial[g])    norm[1] = min(1, limit / (norm[0] + 1e-6))  as torch's clip_grad_norm_
//
//   shapes     x [rows,columns4] vec4    partial [slices,columns4] vec4 or [slices] f32
//   lanes      per row of workgroups, if a dispatch is folded into several rows
//   dispatch   column_partial: ceil(slices·C4 / 64)   column_total: ceil(C4 / 64) folded   square_partial: ceil(slices / 64)   norm: 1
//   reference  tests/reference/reduce.ts

struct Params { rows: u32, columns4: u32, slices: u32, lanes: u32, limit: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> scalars: array<f32>;
@group(0) @binding(4) var<storage, read> partials: array<f32>;

@compute @workgroup_size(64)
fn column_partial(@builtin(global_invocation_id) id: vec3u) {
  let slice = id.x / p.columns4;
  let c = id.x % p.columns4;
  if (slice >= p.slices) { return; }
  let size = (p.rows + p.slices - 1u) / p.slices;
  var sum = vec4f();
  for (var n = slice * size; n < min((slice + 1u) * size, p.rows); n++) { sum += x[n * p.columns4 + c]; }
  y[slice * p.columns4 + c] = sum;
}

@compute @workgroup_size(64)
fn column_total(@builtin(global_invocation_id) id: vec3u) {
  let c = id.y * p.lanes + id.x;
  if (c >= p.columns4) { return; }
  var sum = vec4f();
  for (var slice = 0u; slice < p.slices; slice++) { sum += x[slice * p.columns4 + c]; }
  y[c] += sum;
}

@compute @workgroup_size(64)
fn square_partial(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= p.slices) { return; }
  let size = (p.rows + p.slices - 1u) / p.slices;
  var sum = vec4f();
  for (var i = id.x * size; i < min((id.x + 1u) * size, p.rows); i++) { sum += x[i] * x[i]; }
  scalars[id.x] = dot(sum, vec4f(1.0));
}

@compute @workgroup_size(1)
fn norm() {
  var sum = 0.0;
  for (var i = 0u; i < p.slices; i++) { sum += partials[i]; }
  let length = sqrt(sum);
  scalars[0] = length;
  scalars[1] = min(1.0, p.limit / (length + 1e-6));
}
