// rmsnorm: root-mean-square normalisation of rows. Zhang & Sennrich, arXiv 1910.07467.
//
//   forward      y[n,c]   = x · rstd[n] · w[c]              rstd[n] = 1 / sqrt(Σ_c x² / C + eps)
//   backward_x   dx[n,c] += rstd · (w·dy − x · rstd² · Σ_c(w·dy·x) / C)
//   backward_w   partial[s,c] = Σ_{n in slice s} dy · x · rstd        (summed into dw by reduce.wgsl)
//
// A row may lie inside a wider one (a head inside the q·k·v row): row n starts at `(n / heads) · stride + offset +
// (n % heads) · C4`. For a plain norm heads = 1, offset = 0, stride = C4. backward_x overwrites dx if `accumulate` is 0.
//
//   shapes     x y dx dy [N,C/4] vec4 (zero padding beyond C)    w [C/4]    rstd [N]    partial [slices,C/4]
//   dispatch   forward, backward_x: ceil(N / 64), one row per lane      backward_w: ceil(slices·C4 / 64)
//   reference  tests/reference/rmsnorm.ts    torch.nn.functional.rms_norm

struct Params { rows: u32, columns4: u32, columns: f32, eps: f32, heads: u32, stride: u32, offset: u32, slices: u32, accumulate: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> w: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> rstd: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;

fn start(n: u32) -> u32 { return (n / p.heads) * p.stride + p.offset + (n % p.heads) * p.columns4; }

@compute @workgroup_size(64)
fn forward(@builtin(global_invocation_id) id: vec3u) {
  let n = id.x;
  if (n >= p.rows) { return; }
  let row = start(n);
  var squares = vec4f();
  for (var c = 0u; c < p.columns4; c++) { let v = x[row + c]; squares += v * v; }
  let r = 1.0 / sqrt(dot(squares, vec4f(1.0)) / p.columns + p.eps);
  rstd[n] = r;
  for (var c = 0u; c < p.columns4; c++) { y[row + c] = x[row + c] * r * w[c]; }
}

@group(0) @binding(5) var<storage, read> dy: array<vec4f>;
@group(0) @binding(6) var<storage, read> rstd_saved: array<f32>;
@group(0) @binding(7) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn backward_x(@builtin(global_invocation_id) id: vec3u) {
  let n = id.x;
  if (n >= p.rows) { return; }
  let row = start(n);
  let r = rstd_saved[n];
  var products = vec4f();
  for (var c = 0u; c < p.columns4; c++) { products += w[c] * dy[row + c] * x[row + c]; }
  let mean = dot(products, vec4f(1.0)) / p.columns;
  for (var c = 0u; c < p.columns4; c++) {
    let i = row + c;
    let gradient = r * (w[c] * dy[i] - x[i] * r * r * mean);
    if (p.accumulate != 0u) { dx[i] += gradient; } else { dx[i] = gradient; }
  }
}

@group(0) @binding(8) var<storage, read_write> partial: array<vec4f>;

@compute @workgroup_size(64)
fn backward_w(@builtin(global_invocation_id) id: vec3u) {
  let slice = id.x / p.columns4;
  let c = id.x % p.columns4;
  if (slice >= p.slices) { return; }
  let size = (p.rows + p.slices - 1u) / p.slices;
  var sum = vec4f();
  for (var n = slice * size; n < min((slice + 1u) * size, p.rows); n++) {
    let i = start(n) + c;
    sum += dy[i] * x[i] * rstd_saved[n];
  }
  partial[slice * p.columns4 + c] = sum;
}
