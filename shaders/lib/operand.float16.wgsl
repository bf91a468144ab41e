// operand: vec4 i of the right operand of a product, stored as float16, two numbers per word; widening is exact.
//
// Uses unpack2x16float, which every device has. `enable f16` is optional, and was slower where both were available.

@group(0) @binding(2) var<storage, read> b: array<vec2u>;

fn operand(i: u32) -> vec4f {
  let pairs = b[i];
  return vec4f(unpack2x16float(pairs.x), unpack2x16float(pairs.y));
}
