// Shared by attention.wgsl and its siblings: their tensors, and where a row stores its heads.

struct Params { rows: u32, scale: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> qkv: array<vec4f>;
@group(0) @binding(2) var<storage, read> start: array<u32>;
@group(0) @binding(3) var<storage, read_write> out: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> lse: array<f32>;
@group(0) @binding(5) var<storage, read> saved: array<f32>;          // lse in backward
@group(0) @binding(6) var<storage, read> dout: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> dqkv: array<vec4f>;
@group(0) @binding(8) var<storage, read_write> delta: array<f32>;
@group(0) @binding(9) var<storage, read> end: array<u32>;
@group(0) @binding(10) var<storage, read> delta_saved: array<f32>;

const STRIDE = (HQ + 2u * HK) * D4;
const GROUP = HQ / HK;
alias Head = array<vec4f, D4>;

fn query_of(n: u32, h: u32) -> u32 { return n * STRIDE + h * D4; }
fn key_of(n: u32, h: u32) -> u32 { return n * STRIDE + (HQ + h) * D4; }
fn value_of(n: u32, h: u32) -> u32 { return n * STRIDE + (HQ + HK + h) * D4; }
fn total_of(v: vec4f) -> f32 { return dot(v, vec4f(1.0)); }
