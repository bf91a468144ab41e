// attention.tiled: attention.wgsl through workgroup memory, for GPUs.
//
// A workgroup owns 64 consecutive rows of one head, one per lane. It loops over the rows that any of these may see, KEYS at a
// time: all lanes load them into workgroup memory, and each adds the ones that it sees. In backward_kv a lane owns
// a key and the tile holds queries. A lane adds the same terms in the same order as attention.wgsl.
//
//   formulas, shapes   see attention.wgsl
//   prelude    const D4, HQ, HK, KEYS: u32; lib/attention.wgsl; 32 · KEYS · D4 + 8 · KEYS bytes of workgroup memory
//   unroll     loops that begin so are written out by ops/unroll.ts: what a lane owns stays in registers
//   dispatch   (ceil(rows / 64), HQ), backward_kv: HK

const LANES = 64u;

var<workgroup> tile_a: array<vec4f, KEYS * D4>;        // keys, or queries
var<workgroup> tile_b: array<vec4f, KEYS * D4>;        // values, or gradients of out
var<workgroup> tile_lse: array<f32, KEYS>;
var<workgroup> tile_delta: array<f32, KEYS>;

// Loads keys and values of the rows from j on. Rows beyond the last repeat it; no lane sees them.
fn bring_keys(j: u32, last: u32, hk: u32, lane: u32) {
  for (var i = lane; i < KEYS * D4; i += LANES) {
    let row = min(j + i / D4, last);
    tile_a[i] = qkv[key_of(row, hk) + i % D4];
    tile_b[i] = qkv[value_of(row, hk) + i % D4];
  }
}

// Loads queries, and their values from backward_q and forward.
fn bring_queries(n: u32, last: u32, h: u32, lane: u32) {
  for (var i = lane; i < KEYS * D4; i += LANES) {
    let row = min(n + i / D4, last);
    tile_a[i] = qkv[query_of(row, h) + i % D4];
    tile_b[i] = dout[(row * HQ + h) * D4 + i % D4];
  }
  for (var i = lane; i < KEYS; i += LANES) {
    let row = min(n + i, last);
    tile_lse[i] = saved[row * HQ + h];
    tile_delta[i] = delta_saved[row * HQ + h];
  }
}

@compute @workgroup_size(LANES)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let h = group.y;
  let first = group.x * LANES;
  let last = min(first + LANES, p.rows) - 1u;
  let n = min(first + lane, last);
  let begin = start[n];
  var q: Head;
  var sum: Head;
  unroll for (var d = 0u; d < D4; d++) { q[d] = qkv[query_of(n, h) + d] * p.scale; }
  var highest = -1e30;
  var total = 0.0;
  for (var j = start[first]; j <= last; j += KEYS) {
    bring_keys(j, last, h / GROUP, lane);
    workgroupBarrier();
    for (var i = max(begin, j); i <= min(n, j + KEYS - 1u); i++) {
      let at = (i - j) * D4;
      var products = vec4f();
      unroll for (var d = 0u; d < D4; d++) { products += q[d] * tile_a[at + d]; }
      let score = total_of(products);
      let higher = max(highest, score);
      let keep = exp(highest - higher);
      let weight = exp(score - higher);
      total = total * keep + weight;
      unroll for (var d = 0u; d < D4; d++) { sum[d] = sum[d] * keep + weight * tile_b[at + d]; }
      highest = higher;
    }
    workgroupBarrier();
  }
  if (first + lane > last) { return; }
  unroll for (var d = 0u; d < D4; d++) { out[(n * HQ + h) * D4 + d] = sum[d] / total; }
  lse[n * HQ + h] = highest + log(total);
}

@compute @workgroup_size(LANES)
fn backward_q(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let h = group.y;
  let first = group.x * LANES;
  let last = min(first + LANES, p.rows) - 1u;
  let n = min(first + lane, last);
  let begin = start[n];
  var q: Head;
  var dy: Head;
  var dq: Head;
  var products = vec4f();
  unroll for (var d = 0u; d < D4; d++) {
    q[d] = qkv[query_of(n, h) + d] * p.scale;
    dy[d] = dout[(n * HQ + h) * D4 + d];
    products += dy[d] * out[(n * HQ + h) * D4 + d];
  }
  let own = total_of(products);
  let log_total = saved[n * HQ + h];
  for (var j = start[first]; j <= last; j += KEYS) {
    bring_keys(j, last, h / GROUP, lane);
    workgroupBarrier();
    for (var i = max(begin, j); i <= min(n, j + KEYS - 1u); i++) {
      let at = (i - j) * D4;
      var scores = vec4f();
      var slopes = vec4f();
      unroll for (var d = 0u; d < D4; d++) { scores += q[d] * tile_a[at + d]; slopes += dy[d] * tile_b[at + d]; }
      let ds = exp(total_of(scores) - log_total) * (total_of(slopes) - own);
      unroll for (var d = 0u; d < D4; d++) { dq[d] += ds * tile_a[at + d]; }
    }
    workgroupBarrier();
  }
  if (first + lane > last) { return; }
  delta[n * HQ + h] = own;
  unroll for (var d = 0u; d < D4; d++) { dqkv[query_of(n, h) + d] = dq[d] * p.scale; }
}

@compute @workgroup_size(LANES)
fn backward_kv(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let hk = group.y;
  let first = group.x * LANES;
  let last = min(first + LANES, p.rows) - 1u;
  let j = min(first + lane, last);
  let stop = end[j];
  var k: Head;
  var v: Head;
  var dk: Head;
  var dv: Head;
  unroll for (var d = 0u; d < D4; d++) {
    k[d] = qkv[key_of(j, hk) + d];
    v[d] = qkv[value_of(j, hk) + d];
  }
  for (var h = hk * GROUP; h < (hk + 1u) * GROUP; h++) {
    for (var n = first; n < end[last]; n += KEYS) {
      bring_queries(n, end[last] - 1u, h, lane);
      workgroupBarrier();
      for (var i = max(j, n); i < min(stop, n + KEYS); i++) {
        let at = (i - n) * D4;
        var scores = vec4f();
        var slopes = vec4f();
        unroll for (var d = 0u; d < D4; d++) { scores += tile_a[at + d] * k[d]; slopes += tile_b[at + d] * v[d]; }
        let weight = exp(total_of(scores) * p.scale - tile_lse[i - n]);
        let ds = weight * (total_of(slopes) - tile_delta[i - n]);
        unroll for (var d = 0u; d < D4; d++) { dk[d] += ds * tile_a[at + d]; dv[d] += weight * tile_b[at + d]; }
      }
      workgroupBarrier();
    }
  }
  if (first + lane > last) { return; }
  unroll for (var d = 0u; d < D4; d++) {
    dqkv[key_of(j, hk) + d] = dk[d] * p.scale;
    dqkv[value_of(j, hk) + d] = dv[d];
  }
}
