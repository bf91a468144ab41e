// What linear.wgsl and its siblings share: their tensors, and how a sum becomes part of the result. Each declares `Params`;
// the right operand, w or x, is read through `operand` (lib/operand).
//
// What is added to the sums is a constant of the prelude, ADDEND: nothing, a tensor (a residual, or a bias, whose rows lie
// 0 apart), or what the result holds. SwiftShader runs what stands behind an `if` with all lanes masked off, too: loads that
// no lane wanted took an eighth of a short product's time.

const NOTHING = 0u;
const TENSOR = 1u;
const RESULT = 2u;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;         // x or dy
@group(0) @binding(3) var<storage, read> added: array<vec4f>;     // bias or residual
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;

fn addend(row: u32, column4: u32) -> vec4f {
  if (ADDEND == TENSOR) { return added[row * p.added_stride4 + column4]; }
  if (ADDEND == RESULT) { return y[row * p.y_stride4 + column4]; }
  return vec4f();
}

fn store(row: u32, column4: u32, v: vec4f) {
  if (row < p.rows && column4 < p.columns4) { y[row * p.y_stride4 + column4] = v + addend(row, column4); }
}
