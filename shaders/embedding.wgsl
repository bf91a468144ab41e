// embedding: rows of a table, and the gradient of the table.
//
//   forward    x[n] = table[tokens[n]]
//   backward   dtable[t] += Σ_{n: tokens[n] = t} dx[n]
//
// The table may lie in several buffers: a dispatch handles the rows `first` … `first + rows` and skips other tokens.
//
// The host sorts positions by token (`order`) and lists the runs. The backward pass sums one run after another, so that there are
// no atomics and the order of addition is fixed.
//
//   shapes     x dx [N,C/4] vec4    table dtable [rows,C/4] vec4    tokens [N]    order [N]    runs [R+1] (start in order)
//   prelude    lib/operand.float32.wgsl, or float16
//   dispatch   forward: ceil(N·C4 / 64)      backward: ceil(R·C4 / 64)
//   reference  tests/reference/embedding.ts

struct Params { count: u32, columns4: u32, first: u32, rows: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> tokens: array<u32>;
@group(0) @binding(3) var<storage, read_write> x: array<vec4f>;

@compute @workgroup_size(64)
fn forward(@builtin(global_invocation_id) id: vec3u) {
  let n = id.x / p.columns4;
  let c = id.x % p.columns4;
  if (n >= p.count) { return; }
  let row = tokens[n] - p.first;                       // wraps to a huge number if the token is below this range
  if (row < p.rows) { x[n * p.columns4 + c] = operand(row * p.columns4 + c); }
}

@group(0) @binding(4) var<storage, read> order: array<u32>;
@group(0) @binding(5) var<storage, read> runs: array<u32>;
@group(0) @binding(6) var<storage, read> dx: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> dtable: array<vec4f>;

@compute @workgroup_size(64)
fn backward(@builtin(global_invocation_id) id: vec3u) {
  let run = id.x / p.columns4;
  let c = id.x % p.columns4;
  if (run >= p.count) { return; }
  let row = tokens[order[runs[run]]] - p.first;
  if (row >= p.rows) { return; }
  var sum = vec4f();
  for (var i = runs[run]; i < runs[run + 1u]; i++) { sum += dx[order[i] * p.columns4 + c]; }
  dtable[row * p.columns4 + c] += sum;
}
