// adamw: AdamW with decoupled weight decay over a range of one flat parameter buffer. Loshchilov & Hutter, arXiv 1711.05101.
//
//   g ← dw · norm[1]      (the clipping factor that reduce.wgsl left on the device)
//   m ← β1 m + (1−β1) g      v ← β2 v + (1−β2) g²
//   w ← w − lr (wd · w) − lr · (m / (1−β1^t)) / (sqrt(v / (1−β2^t)) + eps)
//
//   shapes     w dw m v [count] vec4 (first: start of the range)    norm [2]
//   dispatch   ceil(count / 64), in rows of 65,535 workgroups
//   reference  tests/reference/adamw.ts    torch.optim.AdamW

struct Params { first: u32, count: u32, width: u32, learning_rate: f32, beta1: f32, beta2: f32, correction1: f32, correction2: f32, eps: f32, weight_decay: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> dw: array<vec4f>;
@group(0) @binding(2) var<storage, read> norm: array<f32>;
@group(0) @binding(3) var<storage, read_write> w: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> first_moment: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> second_moment: array<vec4f>;

@compute @workgroup_size(64)
fn update(@builtin(global_invocation_id) id: vec3u) {
  let offset = id.y * p.width + id.x;
  if (offset >= p.count) { return; }
  let i = p.first + offset;
  let g = dw[i] * norm[1];
  let m = p.beta1 * first_moment[i] + (1.0 - p.beta1) * g;
  let v = p.beta2 * second_moment[i] + (1.0 - p.beta2) * g * g;
  first_moment[i] = m;
  second_moment[i] = v;
  let decayed = w[i] - p.learning_rate * p.weight_decay * w[i];
  w[i] = decayed - p.learning_rate * (m / p.correction1) / (sqrt(v / p.correction2) + p.eps);
}
