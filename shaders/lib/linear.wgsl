// What linear.wgsl and its siblings share: their tensors, and how a sum becomes part of the result. Each declares `Params`;
// the right operand, w or x, is read through `operand` (lib/operand).

const HAS_BIAS = 1u;
const HAS_RESIDUAL = 2u;
const ACCUMULATE = 4u;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;         // x or dy
@group(0) @binding(3) var<storage, read> bias: array<vec4f>;
@group(0) @binding(4) var<storage, read> residual: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> y: array<vec4f>;

fn addend(row: u32, column4: u32) -> vec4f {
  var v = vec4f();
  if ((p.flags & HAS_BIAS) != 0u) { v += bias[column4]; }
  if ((p.flags & HAS_RESIDUAL) != 0u) { v += residual[row * p.y_stride4 + column4]; }
  if ((p.flags & ACCUMULATE) != 0u) { v += y[row * p.y_stride4 + column4]; }
  return v;
}

fn store(row: u32, column4: u32, v: vec4f) {
  if (row < p.rows && column4 < p.columns4) { y[row * p.y_stride4 + column4] = v + addend(row, column4); }
}
