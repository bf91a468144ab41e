/** The weights of a model directory, in one file or in shards, read tensor by tensor. */
import { KelvinError } from "../contracts";
import {
  bytesPerNumber,
  headerBytes,
  LENGTH_BYTES,
  type Tensor,
  type TensorPlace,
  tensorPlaces,
  toFloats,
} from "./safetensors";
import { absent, type ModelFile, type ModelSource, readJson } from "./source";

/** A tensor that stays in storage until it is read. */
export interface StoredTensor {
  readonly shape: readonly number[];
  /** Type it is stored in: "F32", "F16" or "BF16". */
  readonly dtype: string;
  /** `count` of its numbers from `first` on, as float32; half precision is widened exactly. */
  read(first: number, count: number): Promise<Float32Array<ArrayBuffer>>;
}
/** By Hugging Face name. */
export type StoredTensors = ReadonlyMap<string, StoredTensor>;

const WHOLE = "model.safetensors";
const INDEX = "model.safetensors.index.json";
const FLOATS: ReadonlySet<string> = new Set(["F32", "F16", "BF16"]);

/**
 * Opens `model.safetensors`, or the parts that `model.safetensors.index.json` names. Only headers are read.
 * @throws KelvinError "model" naming the file or tensor that is missing or wrong
 */
export async function openWeights(source: ModelSource): Promise<StoredTensors> {
  const index = await readJson(source, INDEX);
  if (index === null) return openFile(source, WHOLE);
  const wanted = weightMap(index);
  const files = new Map<string, StoredTensors>();
  for (const file of new Set(wanted.values())) files.set(file, await openFile(source, file));
  return new Map([...wanted].map(([name, file]) => [name, demand(files, name, file)]));
}

/** The same for a safetensors file in memory. */
export function weightsInMemory(bytes: Uint8Array): StoredTensors {
  const size = bytes.byteLength;
  const header = bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + headerBytes(bytes, size, WHOLE));
  const read = async (offset: number, length: number) => new Uint8Array(bytes.subarray(offset, offset + length));
  return storedTensors(tensorPlaces(header, size, WHOLE), { size, read });
}

/** All of it in memory at once, for whoever must have it so. */
export async function readAll(weights: StoredTensors): Promise<Map<string, Tensor>> {
  const tensors = new Map<string, Tensor>();
  for (const [name, tensor] of weights) tensors.set(name, { shape: tensor.shape, data: await readWhole(tensor) });
  return tensors;
}

/** Numbers per read: an array of bytes ends at 4 GiB, and some readers earlier. */
const READ_AT_A_TIME = 2 ** 28;

/** All numbers of a tensor, which may be too large for one read. */
export async function readWhole(
  { shape, read }: StoredTensor,
  most = READ_AT_A_TIME,
): Promise<Float32Array<ArrayBuffer>> {
  const count = shape.reduce((product, size) => product * size, 1);
  if (count <= most) return read(0, count);
  const whole = new Float32Array(count);
  for (let at = 0; at < count; at += most) whole.set(await read(at, Math.min(most, count - at)), at);
  return whole;
}

async function openFile(source: ModelSource, name: string): Promise<StoredTensors> {
  const file = await source.open(name);
  if (!file) throw absent(source, name);
  return openTensors(file, name);
}

/** The tensors of one safetensors file. Reads its header only. @throws KelvinError "model" that names the fault */
export async function openTensors(file: ModelFile, name: string): Promise<StoredTensors> {
  const { size } = file;
  const length = headerBytes(await file.read(0, Math.min(size, LENGTH_BYTES)), size, name);
  return storedTensors(tensorPlaces(await file.read(LENGTH_BYTES, length), size, name), file);
}

function storedTensors(places: ReadonlyMap<string, TensorPlace>, file: ModelFile): StoredTensors {
  // Whole numbers, such as position tables of older files, are nobody's weights.
  const floats = [...places].filter(([, { dtype }]) => FLOATS.has(dtype));
  return new Map(floats.map(([name, place]) => [name, stored(place, file)]));
}

function stored(place: TensorPlace, file: ModelFile): StoredTensor {
  const width = bytesPerNumber(place);
  return {
    shape: place.shape,
    dtype: place.dtype,
    read: async (first, count) => toFloats(await file.read(place.offset + first * width, count * width), place.dtype),
  };
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

function demand(files: ReadonlyMap<string, StoredTensors>, name: string, file: string): StoredTensor {
  const tensor = files.get(file)?.get(name);
  if (!tensor)
    throw new KelvinError("model", `${file} has no ${name}, which ${INDEX} says it has`, "Download it again.");
  return tensor;
}
