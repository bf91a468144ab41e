// Shared by linear.wgsl and its siblings: their tensors, and how a sum is added to the result. Each declares `Params` and reads
// the right operand, w or x, through `operand` (lib/operand).
//
// The constant ADDEND of the prelude says what is added to the sums: nothing, a tensor (a residual, or a bias, whose rows are 0
// apart), or the old result. It is a constant because SwiftShader executes the body of an `if` even with all lanes masked off:
// such loads took an eighth of a short product's time.

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
