/** The weights of a model directory, in one file or in shards, read tensor by tensor. */
import { KelvinError } from "../contracts";
import { bytesPerNumber, isFloat, type Tensor, toFloats } from "./safetensors";
import { type Header, headerBytes, LENGTH_BYTES, readHeader, type TensorPlace } from "./safetensors-header";
import { absent, type ModelFile, type ModelSource, readJson } from "./source";

/** A tensor that stays in storage until it is read. */
export interface StoredTensor {
  readonly shape: readonly number[];
  /** Type it is stored in, as the format spells it: "F32", "BF16", "U8". */
  readonly dtype: string;
  /**
   * `count` of its numbers from `first` on, as float32: half precision is widened exactly, F64 is rounded.
   * @throws KelvinError "model" for a type that is not read as float32
   */
  read(first: number, count: number): Promise<Float32Array<ArrayBuffer>>;
}
/** By Hugging Face name. */
export type StoredTensors = ReadonlyMap<string, StoredTensor>;

const WHOLE = "model.safetensors";
const INDEX = "model.safetensors.index.json";

/**
 * Opens `model.safetensors`; if it is missing, the parts that `model.safetensors.index.json` names. That is the order of
 * Hugging Face's transformers. Only headers are read.
 * @throws KelvinError "model" naming the file or tensor that is missing or wrong
 */
export async function openWeights(source: ModelSource): Promise<StoredTensors> {
  const whole = await source.open(WHOLE);
  if (whole) return openTensors(whole, WHOLE);
  const index = await readJson(source, INDEX);
  if (index === null) throw absent(source, WHOLE);
  return openParts(source, weightMap(index));
}

/** What the index names, and the other names that a part's metadata gives to one of those. */
async function openParts(source: ModelSource, wanted: ReadonlyMap<string, string>): Promise<StoredTensors> {
  const files = new Map<string, Opened>();
  for (const file of new Set(wanted.values())) files.set(file, await openFile(source, file));
  const named = [...wanted].map(([name, file]) => [name, demand(files, name, file)] as const);
  const aliases = [...files.values()].flatMap(({ tensors, aliases }) =>
    [...aliases].filter(([, name]) => wanted.has(name)).map(([alias, name]) => [alias, tensors.get(name)] as const),
  );
  return new Map([...(aliases as [string, StoredTensor][]), ...named]);
}

/** The same of a safetensors file that is in memory. */
export function weightsInMemory(bytes: Uint8Array, name = WHOLE): StoredTensors {
  const size = bytes.byteLength;
  const header = bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + headerBytes(bytes, size, name));
  const read = async (offset: number, length: number) => new Uint8Array(bytes.subarray(offset, offset + length));
  return underAllNames(opened(readHeader(header, size, name), { size, read }));
}

/** All tensors that are read as float32, in memory at once. */
export async function readAll(weights: StoredTensors): Promise<Map<string, Tensor>> {
  const tensors = new Map<string, Tensor>();
  for (const [name, tensor] of weights)
    if (isFloat(tensor.dtype)) tensors.set(name, { shape: tensor.shape, data: await readWhole(tensor) });
  return tensors;
}

/** Numbers per read: an array of bytes ends at 4 GiB, and some readers earlier. */
const READ_AT_A_TIME = 2 ** 28;

/** All numbers of a tensor, which may be too large for one read. */
export async function readWhole(
  { shape, read }: Pick<StoredTensor, "shape" | "read">,
  most = READ_AT_A_TIME,
): Promise<Float32Array<ArrayBuffer>> {
  const count = shape.reduce((product, size) => product * size, 1);
  if (count <= most) return read(0, count);
  const whole = new Float32Array(count);
  for (let at = 0; at < count; at += most) whole.set(await read(at, Math.min(most, count - at)), at);
  return whole;
}

async function openFile(source: ModelSource, name: string): Promise<Opened> {
  const file = await source.open(name);
  if (!file) throw absent(source, name);
  return openHeader(file, name);
}

/** The tensors of one safetensors file. Reads its header only. @throws KelvinError "model" that names the fault */
export async function openTensors(file: ModelFile, name: string): Promise<StoredTensors> {
  return underAllNames(await openHeader(file, name));
}

async function openHeader(file: ModelFile, name: string): Promise<Opened> {
  const { size } = file;
  const length = headerBytes(await file.read(0, Math.min(size, LENGTH_BYTES)), size, name);
  return opened(readHeader(await file.read(LENGTH_BYTES, length), size, name), file);
}

/** The tensors of a file under the names they are stored with, and further names of some: safetensors stores a matrix that is shared once. */
interface Opened {
  readonly tensors: StoredTensors;
  /** The stored name, by each further name that the metadata give. */
  readonly aliases: ReadonlyMap<string, string>;
}

function opened({ places, metadata }: Header, file: ModelFile): Opened {
  return {
    tensors: new Map([...places].map(([name, place]) => [name, stored(name, place, file)])),
    aliases: new Map([...metadata].filter(([alias, name]) => places.has(name) && !places.has(alias))),
  };
}

function underAllNames({ tensors, aliases }: Opened): StoredTensors {
  return new Map([
    ...tensors,
    ...[...aliases].map(([alias, name]) => [alias, tensors.get(name) as StoredTensor] as const),
  ]);
}

function stored(name: string, place: TensorPlace, file: ModelFile): StoredTensor {
  const { shape, dtype } = place;
  if (!isFloat(dtype)) return { shape, dtype, read: async () => refuseType(name, dtype) };
  const width = bytesPerNumber(place);
  const read = async (first: number, count: number): Promise<Float32Array<ArrayBuffer>> =>
    toFloats(await file.read(place.offset + first * width, count * width), dtype, name);
  return { shape, dtype, read };
}

/** What the reader of a model is told of numbers that are not kept bit for bit; null if all are. */
export function roundingNote(weights: StoredTensors): string | null {
  const count = [...weights.values()].filter(({ dtype }) => dtype === "F64").length;
  if (count === 0) return null;
  return `${count} tensors of the model are stored in float64; they are rounded to float32`;
}

/** @throws KelvinError "model": always */
export function refuseType(name: string, dtype: string): never {
  throw new KelvinError(
    "model",
    `${name} is stored as ${dtype}, which is not supported`,
    "Weights are read from F32, F16, BF16 and F64: give the model in one of these.",
  );
}

function weightMap(index: unknown): Map<string, string> {
  const map = typeof index === "object" && index !== null && "weight_map" in index ? index.weight_map : null;
  if (typeof map !== "object" || map === null || Object.keys(map).length === 0)
    throw new KelvinError("model", `${INDEX} has no weight_map`, "Download it again.");
  const files = new Map(Object.entries(map).map(([name, file]) => [name, String(file)]));
  const stray = [...files.values()].find((file) => !/^[\w-][\w.-]*$/.test(file));
  if (stray !== undefined)
    throw new KelvinError("model", `${INDEX} names "${stray}"`, "Parts of a model lie in the same folder.");
  return files;
}

function demand(files: ReadonlyMap<string, Opened>, name: string, file: string): StoredTensor {
  const tensor = files.get(file)?.tensors.get(name);
  if (!tensor)
    throw new KelvinError("model", `${file} has no ${name}, which ${INDEX} says it has`, "Download it again.");
  return tensor;
}
