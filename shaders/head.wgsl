// head: log-probability and entropy of the target tokens, and the gradient of the token loss, from logits.
//
//   z = logits / temperature       log p_t = z_t − logsumexp z       H = logsumexp z − Σ_j p_j z_j
//
//   cross-entropy   L = −w log p_t
//   policy          L = w · (−min(r A, clip(r, 1−low, 1+high) A) + β k3 − α H)         arXiv 1707.06347, 2402.03300
//                   r = exp(log p_t − old)     k3 = exp(ref − log p_t) − (ref − log p_t) − 1
//   backward        dL/dlogit_j = (g (1[j=t] − p_j) + w α p_j (log p_j + H)) / temperature
//                   g = w (−A r [unclipped] + β (1 − exp(ref − log p_t)))       or −w for cross-entropy
//
// One row a lane. `losses` also overwrites the logits by their gradient; padding columns get 0.
//
//   shapes     logits [R,V4] vec4    targets [R]    terms [R] (weight, advantage, old, ref)    stats [R] (log p, H, L, k3 or −1−k3 where clipped)
//   dispatch   ceil(R / 64)
//   reference  tests/reference/head.ts

struct Params { rows: u32, vocabulary: u32, stride4: u32, kind: u32, temperature: f32, clip_low: f32, clip_high: f32, kl: f32, entropy: f32 }
const CROSS_ENTROPY = 0u;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> logits: array<f32>;
@group(0) @binding(2) var<storage, read> targets: array<u32>;
@group(0) @binding(3) var<storage, read_write> stats: array<vec4f>;

struct Distribution { highest: f32, log_total: f32, entropy: f32 }

fn distribution(row: u32) -> Distribution {
  var highest = -1e30;
  for (var v = 0u; v < p.vocabulary; v++) { highest = max(highest, logits[row + v]); }
  var total = 0.0;
  var mean = 0.0;
  for (var v = 0u; v < p.vocabulary; v++) {
    let z = (logits[row + v] - highest) / p.temperature;
    let e = exp(z);
    total += e;
    mean += e * z;
  }
  return Distribution(highest, log(total), log(total) - mean / total);
}

fn target_logprob(row: u32, d: Distribution, token: u32) -> f32 {
  return (logits[row + token] - d.highest) / p.temperature - d.log_total;
}

@compute @workgroup_size(64)
fn logprobs(@builtin(global_invocation_id) id: vec3u) {
  let r = id.x;
  if (r >= p.rows) { return; }
  let row = r * p.stride4 * 4u;
  let d = distribution(row);
  stats[r] = vec4f(target_logprob(row, d, targets[r]), d.entropy, 0.0, 0.0);
}

@group(0) @binding(4) var<storage, read> terms: array<vec4f>;

// (loss, d loss / d log p, k3, clipped) of one token.
fn policy_terms(logprob: f32, entropy: f32, term: vec4f) -> vec4f {
  let advantage = term.y;
  let ratio = exp(logprob - term.z);
  let plain = ratio * advantage;
  let limited = clamp(ratio, 1.0 - p.clip_low, 1.0 + p.clip_high) * advantage;
  let clipped = limited < plain;
  let difference = term.w - logprob;
  let k3 = exp(difference) - difference - 1.0;
  let loss = -min(plain, limited) + p.kl * k3 - p.entropy * entropy;
  let slope = select(-plain, 0.0, clipped) + p.kl * (1.0 - exp(difference));
  return vec4f(loss, slope, k3, select(0.0, 1.0, clipped));
}

@compute @workgroup_size(64)
fn losses(@builtin(global_invocation_id) id: vec3u) {
  let r = id.x;
  if (r >= p.rows) { return; }
  let row = r * p.stride4 * 4u;
  let d = distribution(row);
  let logprob = target_logprob(row, d, targets[r]);
  let weight = terms[r].x;
  var t = vec4f(-logprob, -1.0, 0.0, 0.0);
  if (p.kind != CROSS_ENTROPY) { t = policy_terms(logprob, d.entropy, terms[r]); }
  let entropy_slope = select(p.entropy, 0.0, p.kind == CROSS_ENTROPY);
  for (var v = 0u; v < p.stride4 * 4u; v++) {
    var gradient = 0.0;
    if (v < p.vocabulary) {
      let log_p = (logits[row + v] - d.highest) / p.temperature - d.log_total;
      let probability = exp(log_p);
      let hit = select(0.0, 1.0, v == targets[r]);
      gradient = weight * (t.y * (hit - probability) + entropy_slope * probability * (log_p + d.entropy)) / p.temperature;
    }
    logits[row + v] = gradient;
  }
  stats[r] = vec4f(logprob, d.entropy, t.x * weight, select(max(t.z, 0.0), -1.0 - max(t.z, 0.0), t.w > 0.0));
}
