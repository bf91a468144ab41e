// operand: vec4 i of the right operand of a product, stored as float32.

@group(0) @binding(2) var<storage, read> b: array<vec4f>;

fn operand(i: u32) -> vec4f { return b[i]; }
