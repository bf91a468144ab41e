// attention: causal self-attention over packed sequences, grouped queries, without a score matrix.
// Dao, FlashAttention-2, arXiv 2307.08691: forward keeps the log-sum-exp, backward recomputes the weights.
//
//   forward       s_j = q_n·k_j·scale (j = start[n] … n)    out = Σ_j softmax(s)_j v_j      lse[n,h] = log Σ_j exp s_j
//   backward_q    delta[n,h] = out·dout      ds_j = p_j (dout·v_j − delta)      dq = scale Σ_j ds_j k_j
//   backward_kv   dv_j = Σ_{n ≥ j} p dout_n        dk_j = scale Σ_{n ≥ j} ds q_n        summed over the queries of a group
//
// q, k and v share one row: H_q heads, then H_k, then H_k, each D4 vec4 wide (D padded to a multiple of 4 by zeros).
//
//   prelude    const D4: u32 (vec4 per head), const HQ: u32, const HK: u32; lib/attention.wgsl
//   shapes     qkv dqkv [N, (HQ+2HK)·D4] vec4   out dout [N, HQ·D4] vec4   lse delta [N,HQ]   start end [N]: first row of the
//              token's sequence and the row after its last
//   dispatch   forward, backward_q: ceil(N·HQ / 64)      backward_kv: ceil(N·HK / 64)
//   reference  tests/reference/attention.ts    torch scaled_dot_product_attention(is_causal=True)

@compute @workgroup_size(64)
fn forward(@builtin(global_invocation_id) id: vec3u) {
  let n = id.x / HQ;
  let h = id.x % HQ;
  if (n >= p.rows) { return; }
  let hk = h / GROUP;
  var q: Head;
  var sum: Head;
  for (var d = 0u; d < D4; d++) { q[d] = qkv[query_of(n, h) + d] * p.scale; sum[d] = vec4f(); }
  var highest = -1e30;
  var total = 0.0;
  for (var j = start[n]; j <= n; j++) {
    var products = vec4f();
    let k = key_of(j, hk);
    for (var d = 0u; d < D4; d++) { products += q[d] * qkv[k + d]; }
    let score = total_of(products);
    let higher = max(highest, score);
    let keep = exp(highest - higher);
    let weight = exp(score - higher);
    total = total * keep + weight;
    let v = value_of(j, hk);
    for (var d = 0u; d < D4; d++) { sum[d] = sum[d] * keep + weight * qkv[v + d]; }
    highest = higher;
  }
  for (var d = 0u; d < D4; d++) { out[id.x * D4 + d] = sum[d] / total; }
  lse[id.x] = highest + log(total);
}

@compute @workgroup_size(64)
fn backward_q(@builtin(global_invocation_id) id: vec3u) {
  let n = id.x / HQ;
  let h = id.x % HQ;
  if (n >= p.rows) { return; }
  let hk = h / GROUP;
  var q: Head;
  var dy: Head;
  var dq: Head;
  var products = vec4f();
  for (var d = 0u; d < D4; d++) {
    q[d] = qkv[query_of(n, h) + d] * p.scale;
    dy[d] = dout[id.x * D4 + d];
    products += dy[d] * out[id.x * D4 + d];
    dq[d] = vec4f();
  }
  let own = total_of(products);
  delta[id.x] = own;
  let log_total = saved[id.x];
  for (var j = start[n]; j <= n; j++) {
    var scores = vec4f();
    var slopes = vec4f();
    let k = key_of(j, hk);
    let v = value_of(j, hk);
    for (var d = 0u; d < D4; d++) { scores += q[d] * qkv[k + d]; slopes += dy[d] * qkv[v + d]; }
    let weight = exp(total_of(scores) - log_total);
    let ds = weight * (total_of(slopes) - own);
    for (var d = 0u; d < D4; d++) { dq[d] += ds * qkv[k + d]; }
  }
  for (var d = 0u; d < D4; d++) { dqkv[query_of(n, h) + d] = dq[d] * p.scale; }
}

@compute @workgroup_size(64)
fn backward_kv(@builtin(global_invocation_id) id: vec3u) {
  let j = id.x / HK;
  let hk = id.x % HK;
  if (j >= p.rows) { return; }
  var k: Head;
  var v: Head;
  var dk: Head;
  var dv: Head;
  for (var d = 0u; d < D4; d++) {
    k[d] = qkv[key_of(j, hk) + d];
    v[d] = qkv[value_of(j, hk) + d];
    dk[d] = vec4f();
    dv[d] = vec4f();
  }
  for (var n = j; n < end[j]; n++) {
    for (var h = hk * GROUP; h < (hk + 1u) * GROUP; h++) {
      var scores = vec4f();
      var slopes = vec4f();
      let q = query_of(n, h);
      let y = (n * HQ + h) * D4;
      for (var d = 0u; d < D4; d++) { scores += qkv[q + d] * k[d]; slopes += dout[y + d] * v[d]; }
      let weight = exp(total_of(scores) * p.scale - saved[n * HQ + h]);
      let ds = weight * (total_of(slopes) - delta_saved[n * HQ + h]);
      for (var d = 0u; d < D4; d++) { dk[d] += ds * qkv[q + d]; dv[d] += weight * dout[y + d]; }
    }
  }
  for (var d = 0u; d < D4; d++) {
    dqkv[key_of(j, hk) + d] = dk[d] * p.scale;
    dqkv[value_of(j, hk) + d] = dv[d];
  }
}
