import { KelvinError } from "../contracts";
import { fromHalves } from "../device/halves";

/** A tensor of a safetensors file as float32. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer>;
}

/** An integer tensor (I32, U32, I64), for example token ids in reference vectors. */
export interface IntegerTensor {
  readonly shape: readonly number[];
  readonly data: Int32Array<ArrayBuffer>;
}

/** Where a tensor lies in its file. */
export interface TensorPlace {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Numbers in it. */
  readonly count: number;
  /** First byte in the file. */
  readonly offset: number;
  readonly bytes: number;
}

/** The usual name of the weights, in messages about files that have none. */
const USUAL = "model.safetensors";
const BYTES: Readonly<Record<string, number>> = { F32: 4, F16: 2, BF16: 2, I32: 4, U32: 4, I64: 8 };
/** The header's length stands in the first bytes of a file. */
export const LENGTH_BYTES = 8;
const MOST_HEADER_BYTES = 100_000_000;

function fail(file: string, message: string): never {
  throw new KelvinError("model", `${file}: ${message}`, "The file is damaged or not safetensors; download it again.");
}

/**
 * Bytes of the header that follows the first `LENGTH_BYTES`.
 * @throws KelvinError "model" where they cannot be true of a file of `size` bytes
 */
export function headerBytes(first: Uint8Array, size: number, file: string): number {
  if (size < LENGTH_BYTES) fail(file, `${size} bytes are too few for a header`);
  const length = Number(new DataView(first.buffer, first.byteOffset, LENGTH_BYTES).getBigUint64(0, true));
  if (length > size - LENGTH_BYTES || length > MOST_HEADER_BYTES)
    fail(file, `the header claims ${length} bytes, the file has ${size}`);
  return length;
}

/** Every tensor that the header of a file of `size` bytes names. @throws KelvinError "model" naming the tensor */
export function tensorPlaces(header: Uint8Array, size: number, file: string): Map<string, TensorPlace> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(header));
  } catch {
    fail(file, "the header is not JSON");
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) fail(file, "the header is not an object");
  const start = LENGTH_BYTES + header.byteLength;
  const entries = Object.entries(json).filter(([name]) => name !== "__metadata__");
  return new Map(entries.map(([name, entry]) => [name, placeOf(name, entry, { start, size, file })]));
}

interface Surroundings {
  readonly start: number;
  readonly size: number;
  readonly file: string;
}

function placeOf(name: string, entry: unknown, { start, size, file }: Surroundings): TensorPlace {
  const { dtype, shape, data_offsets: range } = (entry ?? {}) as Record<string, unknown>;
  if (!isCounts(shape)) fail(file, `${name} has no shape`);
  if (!Array.isArray(range) || range.length !== 2 || !range.every(Number.isInteger))
    fail(file, `${name} has no data_offsets`);
  const width = BYTES[String(dtype)];
  if (width === undefined) fail(file, `${name} has the unsupported type ${JSON.stringify(dtype)}`);
  const count = shape.reduce((product, n) => product * n, 1);
  const [first, end] = range as [number, number];
  if (first < 0 || end > size - start || end - first !== count * width)
    fail(file, `${name}: offsets ${range} do not fit its shape or the file`);
  return { dtype: String(dtype), shape, count, offset: start + first, bytes: end - first };
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isInteger(n) && n >= 0);
}

/** Is it read as whole numbers? */
function isInteger({ dtype }: TensorPlace): boolean {
  return dtype.startsWith("I") || dtype === "U32";
}

/** Every tensor of a file; half-precision becomes float32. @throws KelvinError "model" naming the tensor */
export function readSafetensors(
  bytes: Uint8Array,
  file = USUAL,
): {
  tensors: Map<string, Tensor>;
  integers: Map<string, IntegerTensor>;
} {
  const size = bytes.byteLength;
  const header = bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + headerBytes(bytes, size, file));
  const tensors = new Map<string, Tensor>();
  const integers = new Map<string, IntegerTensor>();
  for (const [name, place] of tensorPlaces(header, size, file)) {
    // A copy, so that the numbers are aligned; slice would not copy a Node Buffer.
    const raw = new Uint8Array(bytes.subarray(place.offset, place.offset + place.bytes));
    const { shape, dtype } = place;
    if (isInteger(place)) integers.set(name, { shape, data: toIntegers(raw, dtype) });
    else tensors.set(name, { shape, data: toFloats(raw, dtype) });
  }
  return { tensors, integers };
}

/** Bytes of one number as it is stored. */
export function bytesPerNumber({ dtype }: TensorPlace): number {
  return BYTES[dtype] as number;
}

function toIntegers(raw: Uint8Array<ArrayBuffer>, dtype: string): Int32Array<ArrayBuffer> {
  if (dtype !== "I64") return new Int32Array(raw.buffer);
  return Int32Array.from(new BigInt64Array(raw.buffer), Number);
}

/** F32, F16 or BF16 as float32, exactly; `raw` starts its buffer, whose memory F32 keeps. */
export function toFloats(raw: Uint8Array<ArrayBuffer>, dtype: string): Float32Array<ArrayBuffer> {
  if (dtype === "F32") return new Float32Array(raw.buffer);
  const halves = new Uint16Array(raw.buffer);
  if (dtype === "F16") return fromHalves(halves);
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = (halves[i] as number) << 16;
  return new Float32Array(bits.buffer);
}

/** A file in pieces: an array of bytes holds at most 4 GiB, and one write takes at most half of that. */
export type FileParts = readonly Uint8Array<ArrayBuffer>[];
/** Most bytes per piece. */
const PART_BYTES = 2 ** 30;

/**
 * A float32 safetensors file of any size; names in the given order, header padded to 8 bytes. The numbers are not copied.
 * @param most bytes of a piece, a multiple of 4
 */
export function safetensorsParts(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
  most = PART_BYTES,
): FileParts {
  const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { __metadata__: metadata } : {};
  let offset = 0;
  for (const [name, { shape, data }] of tensors) {
    header[name] = { dtype: "F32", shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  let text = JSON.stringify(header);
  text += " ".repeat((8 - (new TextEncoder().encode(text).byteLength % 8)) % 8);
  const json = new TextEncoder().encode(text);
  const start = new Uint8Array(LENGTH_BYTES + json.byteLength);
  new DataView(start.buffer).setBigUint64(0, BigInt(json.byteLength), true);
  start.set(json, LENGTH_BYTES);
  return [start, ...[...tensors.values()].flatMap(({ data }) => bytesInPieces(data, most))];
}

function bytesInPieces({ buffer, byteOffset, byteLength }: Float32Array<ArrayBuffer>, most: number): FileParts {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0; at < byteLength; at += most)
    pieces.push(new Uint8Array(buffer, byteOffset + at, Math.min(most, byteLength - at)));
  return pieces;
}

/** The same for a small file, in one piece. */
export function writeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const parts = safetensorsParts(tensors, metadata);
  const bytes = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes;
}
