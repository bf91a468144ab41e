// head: log-probability, entropy and loss of the target tokens, and the gradient of the logits, over a vocabulary in
// chunks: each chunk of logit columns is added to a running distribution and overwritten by the next; the backward pass computes
// it again. Milakov & Gimelshein, arXiv 1805.02867; Wijmans et al., arXiv 2411.09009.
//
//   z = logits / temperature       log p_t = z_t − logsumexp z       H = logsumexp z − Σ_j p_j z_j
//
//   observe    running ← running ⊕ chunk: highest logit h, Σ e^(z−h), Σ e^(z−h) (z−h), the target's logit
//   logprobs   stats = (log p, H, 0, 0)
//   losses     likelihood      L = −w log p_t
//              policy          L = w · (−min(r A, clip(r, 1−low, 1+high) A) + β k − α H)          arXiv 1707.06347, 2402.03300
//                              r = exp(log p_t − old)     d = ref − log p_t     k: k1 = −d, k2 = d²/2 or k3 = exp d − d − 1
//   gradient   dL/dlogit_j = (w g (1[j=t] − p_j) + w α p_j (log p_j + H)) / temperature, in place of the chunk's logits
//              g = −A r [unclipped] + β k′, or −1 for likelihood; k1′ = 1, k2′ = −d, k3′ = 1 − exp d; padding columns get 0
//
// In `observe`, S neighbouring lanes share a row: lane s reads the columns s, s+S, … into a running state of its own.
//
//   shapes     logits [R,V4] vec4 of the chunk `first` … `first + columns`    targets [R]    running [R,S] (h, total, mean, logit)
//              terms [R] (weight, advantage, old, ref)    stats [R] (log p, H, L, k3 or −1−k3 where clipped)
//              slopes [R] (h, log total, H, g)
//   dispatch   observe: ceil(R·S / 64)    logprobs, losses: ceil(R / 64)    gradient: ceil(R·V4 / 64), in rows of 65,535 workgroups
//   reference  tests/reference/head.ts

struct Params {
  rows: u32, columns: u32, stride4: u32, first: u32, slices: u32, fresh: u32, width: u32, kind: u32,
  temperature: f32, clip_low: f32, clip_high: f32, kl: f32, entropy: f32,
}
const LIKELIHOOD = 0u;
const POLICY_K2 = 2u;
const POLICY_K1 = 3u;
const NOTHING = vec4f(-1e30, 0.0, 0.0, 0.0);

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> targets: array<u32>;
@group(0) @binding(3) var<storage, read_write> running: array<vec4f>;

// Rescales a running state to a new maximum, at least its own.
fn rescaled(state: vec4f, highest: f32) -> vec4f {
  let shift = (state.x - highest) * (1.0 / p.temperature);
  let keep = exp(shift);
  return vec4f(highest, state.y * keep, (state.z + state.y * shift) * keep, state.w);
}

@compute @workgroup_size(64)
fn observe(@builtin(global_invocation_id) id: vec3u) {
  let r = id.x / p.slices;
  let slice = id.x % p.slices;
  if (r >= p.rows) { return; }
  let row = r * p.stride4 * 4u;
  var state = NOTHING;
  if (p.fresh == 0u) { state = running[id.x]; }
  var highest = state.x;
  for (var v = slice; v < p.columns; v += p.slices) { highest = max(highest, logits[row + v]); }
  state = rescaled(state, highest);
  for (var v = slice; v < p.columns; v += p.slices) {
    let z = (logits[row + v] - highest) * (1.0 / p.temperature);
    let e = exp(z);
    state.y += e;
    state.z += e * z;
  }
  let token = targets[r] - p.first;                    // wraps to a huge number if the target is below this chunk
  if (token < p.columns && token % p.slices == slice) { state.w = logits[row + token]; }
  running[id.x] = state;
}

@group(0) @binding(4) var<storage, read> observed: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> stats: array<vec4f>;
@group(0) @binding(6) var<storage, read> terms: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> slopes: array<vec4f>;

struct Distribution { highest: f32, log_total: f32, entropy: f32, logprob: f32 }

fn distribution(r: u32) -> Distribution {
  var highest = NOTHING.x;
  for (var s = 0u; s < p.slices; s++) { highest = max(highest, observed[r * p.slices + s].x); }
  var sum = vec4f();
  for (var s = 0u; s < p.slices; s++) { sum += rescaled(observed[r * p.slices + s], highest); }
  let log_total = log(sum.y);
  return Distribution(highest, log_total, log_total - sum.z / sum.y, (sum.w - highest) * (1.0 / p.temperature) - log_total);
}

@compute @workgroup_size(64)
fn logprobs(@builtin(global_invocation_id) id: vec3u) {
  let r = id.x;
  if (r >= p.rows) { return; }
  let d = distribution(r);
  stats[r] = vec4f(d.logprob, d.entropy, 0.0, 0.0);
}

// (loss, d loss / d log p, k3, clipped) of one token.
fn policy_terms(logprob: f32, entropy: f32, term: vec4f) -> vec4f {
  let advantage = term.y;
  let ratio = exp(logprob - term.z);
  let plain = ratio * advantage;
  let limited = clamp(ratio, 1.0 - p.clip_low, 1.0 + p.clip_high) * advantage;
  let clipped = limited < plain;
  let difference = term.w - logprob;
  let k3 = exp(difference) - difference - 1.0;
  var estimate = k3;
  var pull = 1.0 - exp(difference);                    // d estimate / d log p
  if (p.kind == POLICY_K2) { estimate = 0.5 * difference * difference; pull = -difference; }
  if (p.kind == POLICY_K1) { estimate = -difference; pull = 1.0; }
  let loss = -min(plain, limited) + p.kl * estimate - p.entropy * entropy;
  let slope = select(-plain, 0.0, clipped) + p.kl * pull;
  return vec4f(loss, slope, k3, select(0.0, 1.0, clipped));
}

@compute @workgroup_size(64)
fn losses(@builtin(global_invocation_id) id: vec3u) {
  let r = id.x;
  if (r >= p.rows) { return; }
  let d = distribution(r);
  var t = vec4f(-d.logprob, -1.0, 0.0, 0.0);
  if (p.kind != LIKELIHOOD) { t = policy_terms(d.logprob, d.entropy, terms[r]); }
  stats[r] = vec4f(d.logprob, d.entropy, t.x * terms[r].x, select(max(t.z, 0.0), -1.0 - max(t.z, 0.0), t.w > 0.0));
  slopes[r] = vec4f(d.highest, d.log_total, d.entropy, t.y);
}

@group(0) @binding(8) var<storage, read_write> dlogits: array<vec4f>;    // logits before, their gradient after
@group(0) @binding(9) var<storage, read> slopes_saved: array<vec4f>;

@compute @workgroup_size(64)
fn gradient(@builtin(global_invocation_id) id: vec3u) {
  let i = id.y * p.width + id.x;
  let r = i / p.stride4;
  if (r >= p.rows) { return; }
  let v = (i % p.stride4) * 4u + vec4u(0u, 1u, 2u, 3u);
  let slope = slopes_saved[r];
  let log_p = (dlogits[i] - slope.x) * (1.0 / p.temperature) - slope.y;
  let probability = exp(log_p);
  let hit = select(vec4f(), vec4f(1.0), v == vec4u(targets[r] - p.first));
  let of_entropy = p.entropy * probability * (log_p + slope.z);
  let gradient = terms[r].x * (slope.w * (hit - probability) + of_entropy) / p.temperature;
  dlogits[i] = select(vec4f(), gradient, v < vec4u(p.columns));
}
