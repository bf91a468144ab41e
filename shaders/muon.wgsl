// muon: momentum, and the element-wise parts of the Newton–Schulz orthogonalisation; linear.wgsl computes its products.
// Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks".
//
//   momentum    b ← μ b + g       u = g + μ b   (Nesterov)       g = dw · norm[1]
//   square      partial[s] = Σ u² of slice s         start       x = u / (sqrt(Σ_s partial) + 1e-7)
//   polynomial  q = β·a + γ·a²                        add_scaled  x' = q·x + α·x
//   apply       w ← w − lr · x
//
//   shapes     matrices [count] vec4, from `at` on; w, dw, momentum at `first` of their flat buffers
//   dispatch   ceil(count / 64), in rows of `width` lanes; square: ceil(slices / 64)
//   reference  tests/reference/muon.ts

struct Params { first: u32, count: u32, slices: u32, at: u32, width: u32, x: f32, y: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read> scalars: array<f32>;
@group(0) @binding(4) var<storage, read_write> flat: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> matrix: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> partial: array<f32>;

fn index(id: vec3u) -> u32 { return id.y * p.width + id.x; }

// x: momentum μ. a: dw (flat), scalars: norm, flat: momentum buffer, matrix: u.
@compute @workgroup_size(64)
fn momentum(@builtin(global_invocation_id) id: vec3u) {
  let k = index(id);
  if (k >= p.count) { return; }
  let i = p.first + k;
  let g = a[i] * scalars[1];
  let m = p.x * flat[i] + g;
  flat[i] = m;
  matrix[p.at + k] = g + p.x * m;
}

@compute @workgroup_size(64)
fn square(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= p.slices) { return; }
  let size = (p.count + p.slices - 1u) / p.slices;
  var sum = vec4f();
  for (var i = id.x * size; i < min((id.x + 1u) * size, p.count); i++) { sum += a[i] * a[i]; }
  partial[id.x] = dot(sum, vec4f(1.0));
}

@compute @workgroup_size(64)
fn start(@builtin(global_invocation_id) id: vec3u) {
  let k = index(id);
  if (k >= p.count) { return; }
  var sum = 0.0;
  for (var s = 0u; s < p.slices; s++) { sum += scalars[s]; }
  matrix[k] = matrix[k] / (sqrt(sum) + 1e-7);
}

// matrix = x·a + y·b
@compute @workgroup_size(64)
fn polynomial(@builtin(global_invocation_id) id: vec3u) {
  let k = index(id);
  if (k >= p.count) { return; }
  matrix[k] = p.x * a[k] + p.y * b[k];
}

// matrix += x·a
@compute @workgroup_size(64)
fn add_scaled(@builtin(global_invocation_id) id: vec3u) {
  let k = index(id);
  if (k >= p.count) { return; }
  matrix[k] += p.x * a[k];
}

// x: learning rate. a: orthogonalised update, flat: weights.
@compute @workgroup_size(64)
fn apply(@builtin(global_invocation_id) id: vec3u) {
  let k = index(id);
  if (k >= p.count) { return; }
  flat[p.first + k] = flat[p.first + k] - p.x * a[p.at + k];
}
