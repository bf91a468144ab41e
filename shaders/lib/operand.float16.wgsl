// operand: vec4 i of the right operand of a product, held as float16, two numbers to a word; widening is exact.
//
// Every device has unpack2x16float. `enable f16` not every one has, and it was slower where there was a choice.

@group(0) @binding(2) var<storage, read> b: array<vec2u>;

fn operand(i: u32) -> vec4f {
  let pairs = b[i];
  return vec4f(unpack2x16float(pairs.x), unpack2x16float(pairs.y));
}
