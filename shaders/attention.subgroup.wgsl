// attention.subgroup: attention.wgsl for adapters whose subgroups are always LANES wide, a multiple of 4 (rasterisers).
//
// A workgroup is one subgroup and owns OWN · LANES consecutive rows of one head, OWN per lane. All lanes need the
// same keys (in backward_kv the same queries), four at a time: a lane loads its share of the four, and broadcasts hand it
// round. On CPU rasterisers, where a load costs as much as 30 multiplications, this is worth a factor of four.
//
// Every sum of forward has the terms of attention.wgsl in the same order, so it has the same bits; rows that a query may
// not see add zero.
//
//   formulas, shapes   see attention.wgsl
//   prelude    const D4, HQ, HK, LANES, OWN: u32; BLOCK = 4 rows at a time; PARTS: vec4 of a row that a lane loads, rounded up;
//              lib/attention.wgsl; subgroups enabled
//   unroll     loops that begin so are written out by ops/unroll.ts: a lane to broadcast from is a constant
//   dispatch   (ceil(rows / (OWN · LANES)), HQ), backward_kv: HK

const TILE = OWN * LANES;
const SPLIT = LANES / BLOCK;                           // lanes that share a row
alias Part = array<vec4f, PARTS>;
alias Block = array<f32, BLOCK>;
alias Products = array<array<vec4f, BLOCK>, OWN>;

// The part of the head at `head` that this lane broadcasts to the others.
fn part_of_qkv(head: u32, lane: u32) -> Part {
  var part: Part;
  unroll for (var c = 0u; c < PARTS; c++) { part[c] = qkv[head + min(c * SPLIT + lane / BLOCK, D4 - 1u)]; }
  return part;
}

@compute @workgroup_size(LANES)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let h = group.y;
  let first = group.x * TILE;
  let last = min(first + TILE, p.rows) - 1u;
  var n: array<u32, OWN>;
  var begin: array<u32, OWN>;
  var q: array<Head, OWN>;
  var sum: array<Head, OWN>;
  var highest: array<f32, OWN>;
  var total: array<f32, OWN>;
  unroll for (var r = 0u; r < OWN; r++) {
    n[r] = min(first + r * LANES + lane, last);
    begin[r] = start[n[r]];
    highest[r] = -1e30;
    unroll for (var d = 0u; d < D4; d++) { q[r][d] = qkv[query_of(n[r], h) + d] * p.scale; }
  }
  for (var j = start[first]; j <= last; j += BLOCK) {
    let own = min(j + lane % BLOCK, last);
    let keys = part_of_qkv(key_of(own, h / GROUP), lane);
    let values = part_of_qkv(value_of(own, h / GROUP), lane);
    var products = Products();                         // without an initial value Dawn would keep the last block's
    unroll for (var d = 0u; d < D4; d++) {
      unroll for (var i = 0u; i < BLOCK; i++) {
        let key = subgroupBroadcast(keys[d / SPLIT], d % SPLIT * BLOCK + i);
        unroll for (var r = 0u; r < OWN; r++) { products[r][i] += q[r][d] * key; }
      }
    }
    var keep: array<Block, OWN>;
    var weight: array<Block, OWN>;
    unroll for (var r = 0u; r < OWN; r++) {
      unroll for (var i = 0u; i < BLOCK; i++) {
        let sees = begin[r] <= j + i && j + i <= n[r];
        let score = select(-1e30, total_of(products[r][i]), sees);
        let higher = max(highest[r], score);
        keep[r][i] = exp(highest[r] - higher);
        weight[r][i] = select(0.0, exp(score - higher), sees);
        total[r] = total[r] * keep[r][i] + weight[r][i];
        highest[r] = higher;
      }
    }
    unroll for (var d = 0u; d < D4; d++) {
      unroll for (var i = 0u; i < BLOCK; i++) {
        let value = subgroupBroadcast(values[d / SPLIT], d % SPLIT * BLOCK + i);
        unroll for (var r = 0u; r < OWN; r++) { sum[r][d] = sum[r][d] * keep[r][i] + weight[r][i] * value; }
      }
    }
  }
  unroll for (var r = 0u; r < OWN; r++) {
    let row = first + r * LANES + lane;
    if (row < p.rows) {
      unroll for (var d = 0u; d < D4; d++) { out[(row * HQ + h) * D4 + d] = sum[r][d] / total[r]; }
      lse[row * HQ + h] = highest[r] + log(total[r]);
    }
  }
}

@compute @workgroup_size(LANES)
fn backward_q(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let h = group.y;
  let first = group.x * TILE;
  let last = min(first + TILE, p.rows) - 1u;
  var n: array<u32, OWN>;
  var begin: array<u32, OWN>;
  var q: array<Head, OWN>;
  var dy: array<Head, OWN>;
  var dq: array<Head, OWN>;
  var log_total: array<f32, OWN>;
  var own_delta: array<f32, OWN>;
  unroll for (var r = 0u; r < OWN; r++) {
    n[r] = min(first + r * LANES + lane, last);
    begin[r] = start[n[r]];
    log_total[r] = saved[n[r] * HQ + h];
    var products = vec4f();
    unroll for (var d = 0u; d < D4; d++) {
      q[r][d] = qkv[query_of(n[r], h) + d] * p.scale;
      dy[r][d] = dout[(n[r] * HQ + h) * D4 + d];
      products += dy[r][d] * out[(n[r] * HQ + h) * D4 + d];
    }
    own_delta[r] = total_of(products);
  }
  for (var j = start[first]; j <= last; j += BLOCK) {
    let own = min(j + lane % BLOCK, last);
    let keys = part_of_qkv(key_of(own, h / GROUP), lane);
    let values = part_of_qkv(value_of(own, h / GROUP), lane);
    var scores = Products();
    var slopes = Products();
    unroll for (var d = 0u; d < D4; d++) {
      unroll for (var i = 0u; i < BLOCK; i++) {
        let key = subgroupBroadcast(keys[d / SPLIT], d % SPLIT * BLOCK + i);
        let value = subgroupBroadcast(values[d / SPLIT], d % SPLIT * BLOCK + i);
        unroll for (var r = 0u; r < OWN; r++) { scores[r][i] += q[r][d] * key; slopes[r][i] += dy[r][d] * value; }
      }
    }
    var ds: array<Block, OWN>;
    unroll for (var r = 0u; r < OWN; r++) {
      unroll for (var i = 0u; i < BLOCK; i++) {
        let sees = begin[r] <= j + i && j + i <= n[r];
        let weight = select(0.0, exp(total_of(scores[r][i]) - log_total[r]), sees);
        ds[r][i] = weight * (total_of(slopes[r][i]) - own_delta[r]);
      }
    }
    unroll for (var d = 0u; d < D4; d++) {
      unroll for (var i = 0u; i < BLOCK; i++) {
        let key = subgroupBroadcast(keys[d / SPLIT], d % SPLIT * BLOCK + i);
        unroll for (var r = 0u; r < OWN; r++) { dq[r][d] += ds[r][i] * key; }
      }
    }
  }
  unroll for (var r = 0u; r < OWN; r++) {
    let row = first + r * LANES + lane;
    if (row < p.rows) {
      delta[row * HQ + h] = own_delta[r];
      unroll for (var d = 0u; d < D4; d++) { dqkv[query_of(row, h) + d] = dq[r][d] * p.scale; }
    }
  }
}

@compute @workgroup_size(LANES)
fn backward_kv(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let hk = group.y;
  let first = group.x * TILE;
  let last = min(first + TILE, p.rows) - 1u;
  var j: array<u32, OWN>;
  var stop: array<u32, OWN>;
  var k: array<Head, OWN>;
  var v: array<Head, OWN>;
  var dk: array<Head, OWN>;
  var dv: array<Head, OWN>;
  unroll for (var r = 0u; r < OWN; r++) {
    j[r] = min(first + r * LANES + lane, last);
    stop[r] = end[j[r]];
    unroll for (var d = 0u; d < D4; d++) {
      k[r][d] = qkv[key_of(j[r], hk) + d];
      v[r][d] = qkv[value_of(j[r], hk) + d];
    }
  }
  for (var h = hk * GROUP; h < (hk + 1u) * GROUP; h++) {
    for (var n = first; n < end[last]; n += BLOCK) {
      let own = min(n + lane % BLOCK, end[last] - 1u);
      let queries = part_of_qkv(query_of(own, h), lane);
      var slopes_out: Part;
      unroll for (var c = 0u; c < PARTS; c++) {
        slopes_out[c] = dout[(own * HQ + h) * D4 + min(c * SPLIT + lane / BLOCK, D4 - 1u)];
      }
      let log_total = saved[own * HQ + h];
      let own_delta = delta_saved[own * HQ + h];
      var scores = Products();
      var slopes = Products();
      unroll for (var d = 0u; d < D4; d++) {
        unroll for (var i = 0u; i < BLOCK; i++) {
          let q = subgroupBroadcast(queries[d / SPLIT], d % SPLIT * BLOCK + i);
          let dy = subgroupBroadcast(slopes_out[d / SPLIT], d % SPLIT * BLOCK + i);
          unroll for (var r = 0u; r < OWN; r++) { scores[r][i] += q * k[r][d]; slopes[r][i] += dy * v[r][d]; }
        }
      }
      var weight: array<Block, OWN>;
      var ds: array<Block, OWN>;
      unroll for (var i = 0u; i < BLOCK; i++) {
        let query_total = subgroupBroadcast(log_total, i);
        let query_delta = subgroupBroadcast(own_delta, i);
        unroll for (var r = 0u; r < OWN; r++) {
          let sees = j[r] <= n + i && n + i < stop[r];
          weight[r][i] = select(0.0, exp(total_of(scores[r][i]) * p.scale - query_total), sees);
          ds[r][i] = weight[r][i] * (total_of(slopes[r][i]) - query_delta);
        }
      }
      unroll for (var d = 0u; d < D4; d++) {
        unroll for (var i = 0u; i < BLOCK; i++) {
          let q = subgroupBroadcast(queries[d / SPLIT], d % SPLIT * BLOCK + i);
          let dy = subgroupBroadcast(slopes_out[d / SPLIT], d % SPLIT * BLOCK + i);
          unroll for (var r = 0u; r < OWN; r++) { dk[r][d] += ds[r][i] * q; dv[r][d] += weight[r][i] * dy; }
        }
      }
    }
  }
  unroll for (var r = 0u; r < OWN; r++) {
    let row = first + r * LANES + lane;
    if (row < p.rows) {
      unroll for (var d = 0u; d < D4; d++) {
        dqkv[key_of(row, hk) + d] = dk[r][d] * p.scale;
        dqkv[value_of(row, hk) + d] = dv[r][d];
      }
    }
  }
}
