import { KelvinError } from "../contracts";

/** A tensor of a safetensors file, as float32. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer>;
}

/** An integer tensor (I32, U32, I64), e.g. token ids in reference vectors. */
export interface IntegerTensor {
  readonly shape: readonly number[];
  readonly data: Int32Array<ArrayBuffer>;
}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

const BYTES: Readonly<Record<string, number>> = { F32: 4, F16: 2, BF16: 2, I32: 4, U32: 4, I64: 8 };

function fail(message: string): never {
  throw new KelvinError(
    "model",
    `model.safetensors: ${message}`,
    "The file is damaged or not safetensors; download it again.",
  );
}

function parseHeader(bytes: Uint8Array): { entries: [string, Entry][]; start: number } {
  if (bytes.byteLength < 8) fail(`${bytes.byteLength} bytes are too few for a header`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  if (length > bytes.byteLength - 8 || length > 100_000_000)
    fail(`the header claims ${length} bytes, the file has ${bytes.byteLength}`);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, 8 + length)));
  } catch {
    fail("the header is not JSON");
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) fail("the header is not an object");
  const entries = Object.entries(json as Record<string, Entry>).filter(([name]) => name !== "__metadata__");
  return { entries, start: 8 + length };
}

function checkEntry(name: string, entry: Entry, available: number): number {
  const { dtype, shape, data_offsets: range } = entry ?? {};
  if (!Array.isArray(shape) || !shape.every((n) => Number.isInteger(n) && n >= 0)) fail(`${name} has no shape`);
  if (!Array.isArray(range) || range.length !== 2 || !range.every(Number.isInteger))
    fail(`${name} has no data_offsets`);
  const size = BYTES[dtype];
  if (size === undefined) fail(`${name} has the unsupported type ${JSON.stringify(dtype)}`);
  const count = shape.reduce((product, n) => product * n, 1);
  if (range[0] < 0 || range[1] > available || range[1] - range[0] !== count * size)
    fail(`${name}: offsets ${range} do not fit its shape or the file`);
  return count;
}

/** Every tensor of a file; half-precision becomes float32. @throws KelvinError "model" naming the tensor */
export function readSafetensors(bytes: Uint8Array): {
  tensors: Map<string, Tensor>;
  integers: Map<string, IntegerTensor>;
} {
  const { entries, start } = parseHeader(bytes);
  const tensors = new Map<string, Tensor>();
  const integers = new Map<string, IntegerTensor>();
  for (const [name, entry] of entries) {
    const count = checkEntry(name, entry, bytes.byteLength - start);
    // A copy, so that the numbers are aligned; slice would not copy a Node Buffer.
    const raw = new Uint8Array(bytes.subarray(start + entry.data_offsets[0], start + entry.data_offsets[1]));
    if (entry.dtype.startsWith("I") || entry.dtype === "U32")
      integers.set(name, { shape: entry.shape, data: toIntegers(raw, entry.dtype) });
    else tensors.set(name, { shape: entry.shape, data: toFloats(raw, entry.dtype, count) });
  }
  return { tensors, integers };
}

function toIntegers(raw: Uint8Array<ArrayBuffer>, dtype: string): Int32Array<ArrayBuffer> {
  if (dtype !== "I64") return new Int32Array(raw.buffer);
  return Int32Array.from(new BigInt64Array(raw.buffer), Number);
}

function toFloats(raw: Uint8Array<ArrayBuffer>, dtype: string, count: number): Float32Array<ArrayBuffer> {
  if (dtype === "F32") return new Float32Array(raw.buffer);
  const halves = new Uint16Array(raw.buffer);
  const floats = new Float32Array(count);
  if (dtype === "BF16") {
    const bits = new Uint32Array(floats.buffer);
    for (let i = 0; i < count; i++) bits[i] = (halves[i] as number) << 16;
  } else {
    for (let i = 0; i < count; i++) floats[i] = fromHalf(halves[i] as number);
  }
  return floats;
}

/** IEEE 754 binary16. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** A float32 safetensors file; names in the given order, header padded to 8 bytes. */
export function writeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { __metadata__: metadata } : {};
  let offset = 0;
  for (const [name, { shape, data }] of tensors) {
    header[name] = { dtype: "F32", shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  let text = JSON.stringify(header);
  text += " ".repeat((8 - (new TextEncoder().encode(text).byteLength % 8)) % 8);
  const json = new TextEncoder().encode(text);
  const bytes = new Uint8Array(8 + json.byteLength + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.byteLength), true);
  bytes.set(json, 8);
  let at = 8 + json.byteLength;
  for (const { data } of tensors.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}
