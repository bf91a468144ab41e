import { KelvinError } from "../contracts";
import { fromHalves } from "../device/halves";
import { headerBytes, LENGTH_BYTES, readHeader, type TensorPlace } from "./safetensors-header";

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

/** The usual file name, for error messages. */
const USUAL = "model.safetensors";
/** Types that are read as whole numbers of 32 bits. */
const INTEGERS: ReadonlySet<string> = new Set(["I32", "U32", "I64"]);
/** Types that are read as float32, with the bytes of one number. */
const FLOATS: ReadonlyMap<string, number> = new Map([
  ["F32", 4],
  ["F16", 2],
  ["BF16", 2],
  ["F64", 8],
]);

/** Whether a type is read as float32. */
export function isFloat(dtype: string): boolean {
  return FLOATS.has(dtype);
}

/** Every tensor of a file that is read as float32 or as whole numbers; others are left out. @throws KelvinError "model" naming the tensor */
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
  for (const [name, place] of readHeader(header, size, file).places) {
    // A copy aligns the numbers; slice would not copy a Node Buffer.
    const raw = (): Uint8Array<ArrayBuffer> => new Uint8Array(bytes.subarray(place.offset, place.offset + place.bytes));
    const { shape, dtype } = place;
    if (INTEGERS.has(dtype)) integers.set(name, { shape, data: toIntegers(raw(), dtype) });
    else if (isFloat(dtype)) tensors.set(name, { shape, data: toFloats(raw(), dtype, name) });
  }
  return { tensors, integers };
}

/** Bytes of one number of a type that is read as float32. */
export function bytesPerNumber({ dtype }: TensorPlace): number {
  return FLOATS.get(dtype) as number;
}

function toIntegers(raw: Uint8Array<ArrayBuffer>, dtype: string): Int32Array<ArrayBuffer> {
  if (dtype !== "I64") return new Int32Array(raw.buffer);
  return Int32Array.from(new BigInt64Array(raw.buffer), Number);
}

/**
 * F32, F16 or BF16 as float32, exactly; F64 rounded to the nearest. `raw` starts its buffer, whose memory F32 keeps.
 * @param name of the tensor, for the error
 * @throws KelvinError "model" for a number of F64 that is too large for float32
 */
export function toFloats(raw: Uint8Array<ArrayBuffer>, dtype: string, name: string): Float32Array<ArrayBuffer> {
  if (dtype === "F32") return new Float32Array(raw.buffer);
  if (dtype === "F64") return fromDoubles(new Float64Array(raw.buffer), name);
  const halves = new Uint16Array(raw.buffer);
  if (dtype === "F16") return fromHalves(halves);
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = (halves[i] as number) << 16;
  return new Float32Array(bits.buffer);
}

function fromDoubles(doubles: Float64Array, name: string): Float32Array<ArrayBuffer> {
  const floats = Float32Array.from(doubles);
  const lost = floats.findIndex((value, i) => Math.abs(value) === Number.POSITIVE_INFINITY && value !== doubles[i]);
  if (lost < 0) return floats;
  throw new KelvinError("model", `${name} holds ${doubles[lost]}, which is too large for float32`, "Scale it down.");
}

/** A file in pieces, one after the other: no array of bytes holds more than 4 GiB, and no write takes more than half of that. */
export type FileParts = readonly Uint8Array<ArrayBuffer>[];
/** Most bytes per piece. */
const PART_BYTES = 2 ** 30;

/**
 * Writes a float32 safetensors file of any size: names in the given order, header padded to 8 bytes, numbers not copied.
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
