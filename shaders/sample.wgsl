// sample: one token for every active slot from its row of logits, the token's log-probability, and the row's entropy.
//
//   z = logits / temperature       log p_t = z_t − logsumexp z       H = logsumexp z − Σ_v p_v z_v        over the whole vocabulary
//
//   pick       t = first v whose cumulative mass exceeds u        a lane per slot: for small vocabularies without cuts
//   draw       t = argmax_v z_v − log E_v over the tokens that the cuts leave       a workgroup per slot: any vocabulary
//
// E_v = −log(1 − u_v) with u_v a counter-based uniform number of (seed, sample, position, v): the race of exponentials, or
// Gumbel-max (Gumbel 1954; Maddison et al., arXiv 1411.0030), draws from softmax z in one pass, without a running sum over
// the vocabulary. Temperature 0 takes the likeliest token, the first of equals, and reports log p and H at temperature 1.
//
// Cuts are thresholds on logits. Tokens that tie with the last kept token are kept, and the order of tokens does not matter:
//   top_k      the k-th largest logit
//   top_p      the largest threshold whose tokens hold top_p of the mass that top_k left
//   log_min_p  z ≥ max z + log min_p
//
//   logits     [R, V4] vec4; for a table cut into shards, in chunks of `chunk4` vec4 columns: [R, chunk4] [R, chunk4] … [R, rest]
//   shapes     active [R] slot numbers    slots [S] Slot    stops [stop_count]    picked [3 · chunk steps · active]
//   dispatch   pick: ceil(R / 64)    draw: R
//   prelude    lib/slots.wgsl    const LANES: u32 of a workgroup of `draw`, at least 16
//   reference  tests/reference/sample.ts

struct Params {
  rows: u32, vocabulary: u32, stride4: u32, chunk4: u32, stop_count: u32, first: u32, top_k: u32,
  temperature: f32, top_p: f32, log_min_p: f32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> active_slots: array<u32>;
@group(0) @binding(2) var<storage, read_write> slots: array<Slot>;
@group(0) @binding(3) var<storage, read> logits: array<vec4f>;
@group(0) @binding(4) var<storage, read> stops: array<u32>;            // tokens that end a sample
@group(0) @binding(5) var<storage, read_write> picked: array<u32>;     // token, bits of log p, bits of H
@group(0) @binding(6) var<storage, read> scalars: array<f32>;          // the logits as single floats, for `pick`

// Below every logit, and finite after division by any temperature: its exponential is 0.
const LOWEST = -1e20;

fn inverse_temperature() -> f32 {
  return select(1.0 / p.temperature, 1.0, p.temperature == 0.0);
}

fn record(row: u32, s: u32, token: u32, logprob: f32, entropy: f32) {
  let at = (p.first + row) * 3u;
  picked[at] = token;
  picked[at + 1u] = bitcast<u32>(logprob);
  picked[at + 2u] = bitcast<u32>(entropy);
  slots[s].written += 1u;
  slots[s].token = token;
  var done = slots[s].written >= slots[s].limit;
  for (var i = 0u; i < p.stop_count; i++) { done = done || token == stops[i]; }
  slots[s].done = select(0u, 1u, done);
}

@compute @workgroup_size(64)
fn pick(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i >= p.rows) { return; }
  let s = active_slots[i];
  if (slots[s].done != 0u) { return; }
  let row = i * p.stride4 * 4u;
  let inverse = inverse_temperature();
  var highest = LOWEST;
  var token = 0u;
  for (var v = 0u; v < p.vocabulary; v++) {
    let z = scalars[row + v];
    if (z > highest) { highest = z; token = v; }
  }
  var total = 0.0;
  var mean = 0.0;
  for (var v = 0u; v < p.vocabulary; v++) {
    let z = (scalars[row + v] - highest) * inverse;
    total += exp(z);
    mean += exp(z) * z;
  }
  if (p.temperature != 0.0) {
    let target_mass = f32(random_bits(slots[s]) >> 8u) * (1.0 / 16777216.0) * total;
    var mass = 0.0;
    for (var v = 0u; v < p.vocabulary; v++) {
      mass += exp((scalars[row + v] - highest) * inverse);
      if (mass > target_mass) { token = v; break; }
    }
  }
  let logprob = (scalars[row + token] - highest) * inverse - log(total);
  record(i, s, token, logprob, log(total) - mean / total);
}

const BINS = 16u;
// Bin b of lane l is at b · LANES + l. Each lane has its own column, so no sum depends on the order of lanes.
var<workgroup> bins: array<f32, BINS * LANES>;
var<workgroup> tokens: array<u32, LANES>;
var<workgroup> shared_numbers: vec2f;
var<workgroup> shared_bits: u32;

// Four neighbouring logits of a row; LOWEST beyond the vocabulary.
fn logits4(row: u32, column4: u32) -> vec4f {
  let chunk = column4 / p.chunk4;
  let width = min(p.chunk4, p.stride4 - chunk * p.chunk4);
  let four = logits[chunk * p.chunk4 * p.rows + row * width + column4 % p.chunk4];
  return select(vec4f(LOWEST), four, vec4u(4u * column4) + vec4u(0u, 1u, 2u, 3u) < vec4u(p.vocabulary));
}

// The token with the largest value over all lanes, the first of equals; every lane gets it. Uses few barriers, because on a
// software adapter each barrier switches between lanes.
fn best_of_lanes(lane: u32, value: f32, token: u32) -> u32 {
  bins[lane] = value;
  tokens[lane] = token;
  workgroupBarrier();
  if (lane == 0u) {
    var best = 0u;
    for (var l = 1u; l < LANES; l++) {
      if (bins[l] > bins[best] || (bins[l] == bins[best] && tokens[l] < tokens[best])) { best = l; }
    }
    shared_numbers = vec2f(bins[best]);
    shared_bits = tokens[best];
  }
  return workgroupUniformLoad(&shared_bits);
}

fn sums_of_lanes(lane: u32, values: vec2f) -> vec2f {
  bins[lane] = values.x;
  bins[LANES + lane] = values.y;
  workgroupBarrier();
  if (lane == 0u) {
    var sums = vec2f();
    for (var l = 0u; l < LANES; l++) { sums += vec2f(bins[l], bins[LANES + l]); }
    shared_numbers = sums;
  }
  return workgroupUniformLoad(&shared_numbers);
}

// Maps floats to unsigned integers of the same order; zeros of both signs are equal.
fn ordered(z: f32) -> u32 {
  let bits = select(bitcast<u32>(z), 0u, z == 0.0);
  return bits ^ select(0x80000000u, 0xffffffffu, bits >> 31u == 1u);
}

// The largest key such that the tokens at or above it weigh at least `goal` together; four bits per pass over the row. A token
// weighs 1 or its mass; tokens below `least` weigh nothing.
fn threshold(lane: u32, row: u32, least: u32, goal: f32, counting: bool, highest: f32, inverse: f32) -> u32 {
  var key = 0u;
  var known = 0u;        // the decided bits of `key`
  var above = 0.0;       // weight of the tokens above `key` by the decided bits
  for (var turn = 0u; turn < 8u; turn++) {
    let shift = 28u - 4u * turn;
    for (var b = 0u; b < BINS; b++) { bins[b * LANES + lane] = 0.0; }
    for (var c = lane; c < p.stride4; c += LANES) {
      let four = logits4(row, c);
      for (var j = 0u; j < 4u; j++) {
        let k = ordered(four[j]);
        if ((k & known) != key || k < least || 4u * c + j >= p.vocabulary) { continue; }
        bins[((k >> shift) % BINS) * LANES + lane] += select(exp((four[j] - highest) * inverse), 1.0, counting);
      }
    }
    workgroupBarrier();
    if (lane < BINS) {
      var sum = 0.0;
      for (var l = 0u; l < LANES; l++) { sum += bins[lane * LANES + l]; }
      bins[lane * LANES] = sum;
    }
    workgroupBarrier();
    if (lane == 0u) {
      // Rounding may leave the total just short of the goal: then take the lowest non-empty bin.
      var chosen = 0u;
      var before = above;
      for (var b = BINS; b > 0u; b--) {
        let weight = bins[(b - 1u) * LANES];
        if (weight == 0.0) { continue; }
        chosen = b - 1u;
        shared_numbers = vec2f(before);
        before += weight;
        if (before >= goal) { break; }
      }
      shared_bits = chosen;
    }
    above = workgroupUniformLoad(&shared_numbers).x;
    key |= workgroupUniformLoad(&shared_bits) << shift;
    known |= (BINS - 1u) << shift;
  }
  return key;
}

// Mass of the tokens at or above a key.
fn mass_from(lane: u32, row: u32, least: u32, highest: f32, inverse: f32) -> f32 {
  var mass = 0.0;
  for (var c = lane; c < p.stride4; c += LANES) {
    let four = logits4(row, c);
    for (var j = 0u; j < 4u; j++) { mass += select(0.0, exp((four[j] - highest) * inverse), ordered(four[j]) >= least); }
  }
  return sums_of_lanes(lane, vec2f(mass, 0.0)).x;
}

// −log(1 − u) of u = (bits + ½) / 2³². Accurate to a few roundings for small u too; small u decide the race.
fn exponential(bits: u32) -> f32 {
  let u = (f32(bits) + 0.5) * exp2(-32.0);
  if (u >= 0.125) { return -log((f32(~bits) + 0.5) * exp2(-32.0)); }
  return u * (1.0 + u * (1.0 / 2.0 + u * (1.0 / 3.0 + u * (1.0 / 4.0 + u * (1.0 / 5.0 + u * (1.0 / 6.0 + u * (1.0 / 7.0)))))));
}

@compute @workgroup_size(LANES)
fn draw(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.x;
  let s = active_slots[row];
  if (lane == 0u) { shared_bits = slots[s].done; }
  if (workgroupUniformLoad(&shared_bits) != 0u) { return; }
  let inverse = inverse_temperature();

  var own_highest = LOWEST;
  var own_token = 0u;
  for (var c = lane; c < p.stride4; c += LANES) {
    let four = logits4(row, c);
    for (var j = 0u; j < 4u; j++) {
      if (four[j] > own_highest) { own_highest = four[j]; own_token = 4u * c + j; }
    }
  }
  var token = best_of_lanes(lane, own_highest, own_token);
  let highest = workgroupUniformLoad(&shared_numbers).x;

  var own_total = vec4f();
  var own_mean = vec4f();
  for (var c = lane; c < p.stride4; c += LANES) {
    let z = (logits4(row, c) - highest) * inverse;
    own_total += exp(z);
    own_mean += exp(z) * z;
  }
  let sums = sums_of_lanes(lane, vec2f(dot(own_total, vec4f(1.0)), dot(own_mean, vec4f(1.0))));
  let log_total = log(sums.x);

  if (p.temperature != 0.0) {
    var least = 0u;
    for (var cut = 0u; cut < 2u; cut++) {
      let counting = cut == 0u;
      if (select(p.top_p >= 1.0, p.top_k >= p.vocabulary, counting)) { continue; }
      var goal = f32(p.top_k);
      if (!counting) { goal = p.top_p * mass_from(lane, row, least, highest, inverse); }
      least = threshold(lane, row, least, goal, counting, highest, inverse);
    }
    let stream = random_bits(slots[s]);
    var best = LOWEST;
    for (var c = lane; c < p.stride4; c += LANES) {
      let four = logits4(row, c);
      for (var j = 0u; j < 4u; j++) {
        let v = 4u * c + j;
        let z = (four[j] - highest) * inverse;
        if (ordered(four[j]) < least || z < p.log_min_p || v >= p.vocabulary) { continue; }
        let score = z - log(exponential(permute(permute(v) ^ stream)));
        if (score > best) { best = score; own_token = v; }
      }
    }
    token = best_of_lanes(lane, best, own_token);
  }
  if (lane == 0u) {
    let z = (logits4(row, token / 4u)[token % 4u] - highest) * inverse;
    record(row, s, token, z - log_total, log_total - sums.y / sums.x);
  }
}
