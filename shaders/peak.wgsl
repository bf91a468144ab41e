// peak: only multiply-adds in registers: the rate with which matrix products are compared.
//
//   run        eight vectors per lane, `turns` times v ← v·SLOPE + start: 64 operations per turn; y[lane] = their sum
//
//   shapes     y [lanes] vec4        dispatch   lanes / 256
//   reference  tests/gpu/ops/peak.test.ts

struct Params { turns: u32, lanes: u32 }
const SLOPE = vec4f(0.5);

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(256)
fn run(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= p.lanes) { return; }
  let start = vec4f(f32(id.x % 1024u)) + vec4f(0.0, 1.0, 2.0, 3.0);
  var a = start; var b = start + 1.0; var c = start + 2.0; var d = start + 3.0;
  var e = start + 4.0; var f = start + 5.0; var g = start + 6.0; var h = start + 7.0;
  for (var i = 0u; i < p.turns; i++) {
    a = fma(a, SLOPE, start); b = fma(b, SLOPE, start); c = fma(c, SLOPE, start); d = fma(d, SLOPE, start);
    e = fma(e, SLOPE, start); f = fma(f, SLOPE, start); g = fma(g, SLOPE, start); h = fma(h, SLOPE, start);
  }
  y[id.x] = ((a + b) + (c + d)) + ((e + f) + (g + h));
}
