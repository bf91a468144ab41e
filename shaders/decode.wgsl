// decode: what generation needs besides the training forward: caches of keys and values, and attention of one new token per
// slot. sample.wgsl draws the next token.
//
// A slot is one unfinished sample. The prompt cache holds each prompt once, without its last token, shared by all its samples.
// A sample's own tokens are in `own`, `capacity` rows per slot; the first is the prompt's last token.
//
//   append     cache[rows[n]] = (k, v) of qkv[n]
//   attend     out[i,h] = softmax(q_i · [k_prompt, k_own]) [v_prompt, v_own]        i-th active slot
//   advance    token, position and cache row of every active slot's next input
//
//   prelude    const D4, HQ, HK: u32 as in attention.wgsl; lib/slots.wgsl
//   shapes     qkv [I, (HQ+2HK)·D4] vec4    caches [rows, 2·HK·D4] vec4    slots [S] Slot    active [I] slot numbers
//   dispatch   append: ceil(N·2HK·D4 / 64)    attend: ceil(I·HQ / 64)    advance: ceil(I / 64)
//   reference  tests/reference/decode.ts

struct Params { rows: u32, capacity: u32, scale: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> qkv: array<vec4f>;
@group(0) @binding(2) var<storage, read> rows: array<u32>;
@group(0) @binding(3) var<storage, read_write> cache: array<vec4f>;

const STRIDE = (HQ + 2u * HK) * D4;
const PAIR = 2u * HK * D4;
alias Head = array<vec4f, D4>;

@compute @workgroup_size(64)
fn append(@builtin(global_invocation_id) id: vec3u) {
  let n = id.x / PAIR;
  if (n >= p.rows) { return; }
  cache[rows[n] * PAIR + id.x % PAIR] = qkv[n * STRIDE + HQ * D4 + id.x % PAIR];
}

@group(0) @binding(4) var<storage, read> active_slots: array<u32>;
@group(0) @binding(5) var<storage, read_write> slots: array<Slot>;
@group(0) @binding(6) var<storage, read> prompt: array<vec4f>;
@group(0) @binding(7) var<storage, read> own: array<vec4f>;
@group(0) @binding(8) var<storage, read_write> out: array<vec4f>;

@compute @workgroup_size(64)
fn attend(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x / HQ;
  let h = id.x % HQ;
  if (i >= p.rows) { return; }
  let slot_index = active_slots[i];
  let prompt_rows = slots[slot_index].prompt_rows;
  let first = slots[slot_index].prompt_start;
  let count = prompt_rows + slots[slot_index].written + 1u;
  let head = (h / (HQ / HK)) * D4;
  var q: Head;
  var sum: Head;
  for (var d = 0u; d < D4; d++) { q[d] = qkv[i * STRIDE + h * D4 + d] * p.scale; sum[d] = vec4f(); }
  var highest = -1e30;
  var total = 0.0;
  for (var j = 0u; j < count; j++) {
    var products = vec4f();
    var v: Head;
    if (j < prompt_rows) {
      let k = (first + j) * PAIR + head;
      for (var d = 0u; d < D4; d++) { products += q[d] * prompt[k + d]; v[d] = prompt[k + HK * D4 + d]; }
    } else {
      let k = (slot_index * p.capacity + j - prompt_rows) * PAIR + head;
      for (var d = 0u; d < D4; d++) { products += q[d] * own[k + d]; v[d] = own[k + HK * D4 + d]; }
    }
    let score = dot(products, vec4f(1.0));
    let higher = max(highest, score);
    let keep = exp(highest - higher);
    let weight = exp(score - higher);
    total = total * keep + weight;
    for (var d = 0u; d < D4; d++) { sum[d] = sum[d] * keep + weight * v[d]; }
    highest = higher;
  }
  for (var d = 0u; d < D4; d++) { out[id.x * D4 + d] = sum[d] / total; }
}

@group(0) @binding(9) var<storage, read_write> tokens: array<u32>;       // next input, by active slot
@group(0) @binding(10) var<storage, read_write> positions: array<u32>;
@group(0) @binding(11) var<storage, read_write> own_rows: array<u32>;

// Inputs of the next step for every active slot; a finished slot repeats its last step, which has no effect.
@compute @workgroup_size(64)
fn advance(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i >= p.rows) { return; }
  let s = active_slots[i];
  let t = min(slots[s].written, slots[s].limit - 1u);
  tokens[i] = slots[s].token;
  positions[i] = slots[s].prompt_rows + t;
  own_rows[i] = s * p.capacity + t;
}
