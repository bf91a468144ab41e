/** The header of a safetensors file, checked as strictly as by the reference library (safetensors 0.8). */
import { KelvinError } from "../contracts";

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

/** The content of a header. */
export interface Header {
  /** Every tensor by its name, in the order of the header. */
  readonly places: ReadonlyMap<string, TensorPlace>;
  /** `__metadata__`: free text, by key. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** Bits of one number of each type of the format. */
const BITS: ReadonlyMap<string, number> = new Map([
  ...["BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"].map((t) => [t, 8] as const),
  ...["I16", "U16", "F16", "BF16"].map((t) => [t, 16] as const),
  ...["I32", "U32", "F32"].map((t) => [t, 32] as const),
  ...["I64", "U64", "F64", "C64"].map((t) => [t, 64] as const),
  ["F4", 4],
  ["F6_E2M3", 6],
  ["F6_E3M2", 6],
]);

/** Bytes at the start of a file that contain the header's length. */
export const LENGTH_BYTES = 8;
const MOST_HEADER_BYTES = 100_000_000;
const METADATA = "__metadata__";

function fail(file: string, message: string): never {
  throw new KelvinError("model", `${file}: ${message}`, "The file is damaged or not safetensors; download it again.");
}

/**
 * Bytes of the header that follows the first `LENGTH_BYTES`.
 * @throws KelvinError "model" if they cannot be true of a file of `size` bytes
 */
export function headerBytes(first: Uint8Array, size: number, file: string): number {
  if (size < LENGTH_BYTES) fail(file, `${size} bytes are too few for a header`);
  const length = Number(new DataView(first.buffer, first.byteOffset, LENGTH_BYTES).getBigUint64(0, true));
  if (length > size - LENGTH_BYTES || length > MOST_HEADER_BYTES)
    fail(file, `the header claims ${length} bytes, the file has ${size}`);
  return length;
}

/**
 * Reads the header of a file of `size` bytes. The tensors must cover the bytes behind it exactly.
 * @throws KelvinError "model" naming the tensor
 */
export function readHeader(header: Uint8Array, size: number, file: string): Header {
  let text: string;
  let json: unknown;
  try {
    // A byte order mark stays in the text, so that it is refused: the format allows none.
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(header);
    json = JSON.parse(text);
  } catch {
    fail(file, "the header is not JSON");
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) fail(file, "the header is not an object");
  refuseSpelling(text, file);
  const { [METADATA]: metadata, ...entries } = json as Record<string, unknown>;
  const start = LENGTH_BYTES + header.byteLength;
  // Object.entries puts names that look like numbers first; nothing depends on that order.
  const places = new Map(Object.entries(entries).map(([name, entry]) => [name, placeOf(name, entry, start, file)]));
  requireCover(places, start, size, file);
  return { places, metadata: metadataOf(metadata, file) };
}

function placeOf(name: string, entry: unknown, start: number, file: string): TensorPlace {
  const { dtype, shape, data_offsets: range } = (entry ?? {}) as Record<string, unknown>;
  if (!isCounts(shape)) fail(file, `${name} has no shape`);
  if (!isCounts(range) || range.length !== 2) fail(file, `${name} has no data_offsets`);
  const bits = BITS.get(String(dtype));
  if (bits === undefined) fail(file, `${name} has the unknown type ${JSON.stringify(dtype)}`);
  const count = shape.reduce((product, n) => product * n, 1);
  const [first, end] = range as [number, number];
  if ((end - first) * 8 !== count * bits) fail(file, `${name}: offsets ${range} do not fit its shape`);
  return { dtype: String(dtype), shape, count, offset: start + first, bytes: end - first };
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

/** Checks that the tensors cover the file from the header to its end without gap or overlap. */
function requireCover(places: ReadonlyMap<string, TensorPlace>, start: number, size: number, file: string): void {
  const inOrder = [...places].sort(([, a], [, b]) => a.offset - b.offset || a.bytes - b.bytes);
  let at = start;
  for (const [name, { offset, bytes }] of inOrder) {
    if (offset < at) fail(file, `${name}: offsets overlap another tensor`);
    if (offset > at) fail(file, `${name}: offsets leave a gap of ${offset - at} bytes before it`);
    at += bytes;
    if (at > size) fail(file, `${name}: offsets go beyond the end of the file`);
  }
  if (at < size) fail(file, `${size - at} bytes at the end belong to no tensor`);
}

function metadataOf(value: unknown, file: string): ReadonlyMap<string, string> {
  if (value === undefined || value === null) return new Map();
  if (typeof value !== "object" || Array.isArray(value) || Object.values(value).some((one) => typeof one !== "string"))
    fail(file, `${METADATA} is not an object of texts`);
  return new Map(Object.entries(value as Record<string, string>));
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/gy;
/** An object or list that is being parsed. */
interface Level {
  /** Names so far; null in a list. */
  readonly names: Set<string> | null;
  /** The name of the next value. */
  name: string;
}

/** Refuses what JSON.parse accepts: duplicate names, counts written as fractions, half a surrogate pair. */
function refuseSpelling(text: string, file: string): void {
  const levels: Level[] = [];
  let before = "";
  // Skips spaces itself: the pattern is sticky, so that no long text is searched twice.
  for (let at = 0; at < text.length; ) {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text)?.[0];
    at += token?.length ?? 1;
    if (token === undefined) continue;
    const level = levels.at(-1);
    if (token === "{" || token === "[") levels.push({ names: token === "{" ? new Set() : null, name: "" });
    else if (token === "}" || token === "]") levels.pop();
    else if (token.startsWith('"')) readText(token, before === "{" || before === ",", level);
    else if (level?.names === null && /^[-\d]/.test(token) && !/^\d+$/.test(token) && levels.length === 3)
      fail(file, `${levels[0]?.name}: ${token} is not a count`);
    before = token;
  }

  function readText(token: string, mayBeName: boolean, level: Level | undefined): void {
    const value = token.includes("\\") ? (JSON.parse(token) as string) : token.slice(1, -1);
    if (token.includes("\\u") && /\p{Surrogate}/u.test(value)) fail(file, "the header has half a character");
    if (!level?.names || !mayBeName) return;
    const inMetadata = levels.length > 1 && levels[0]?.name === METADATA;
    if (level.names.has(value) && !inMetadata) fail(file, `the header has ${value} twice`);
    level.names.add(value);
    level.name = value;
  }
}
