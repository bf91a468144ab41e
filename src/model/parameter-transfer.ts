import type { Device } from "../device/device";
import { type PagedBuffer, type RowShard, rowsByPage, writeNumbers } from "../device/pages";
import type { Parameter } from "./layout-builder";
import type { FlatLayout } from "./parameters";
import type { Tensor } from "./safetensors";
import type { StoredTensor } from "./stored-weights";

/** A tensor read in parts: in memory, where it is stored, or made as it is asked for. Without a type it is float32. */
export type ReadableTensor = Pick<StoredTensor, "shape" | "read"> & Partial<Pick<StoredTensor, "dtype">>;
/** By Hugging Face name. */
export type ReadableTensors = ReadonlyMap<string, ReadableTensor>;

/** A tensor in memory as a readable one, without a copy. */
export function readable({ shape, data }: Tensor): ReadableTensor {
  return { shape, read: async (first, count) => data.subarray(first, first + count) };
}

/** The same for all tensors of a model. */
export function readableTensors(tensors: ReadonlyMap<string, Tensor>): ReadableTensors {
  return new Map([...tensors].map(([name, tensor]) => [name, readable(tensor)]));
}

/** Floats per write, and most floats in flight before the host waits. */
const BLOCK_FLOATS = 2 ** 22;
const UNTAKEN_FLOATS = 2 ** 24;

const rowLength = ({ columns }: Parameter): number => columns.groups * columns.padded;

const sourceLength = ({ columns }: Parameter): number => columns.groups * columns.size;

/** Calls `visit(index in the HF tensor, index from the first of these device rows, length)` for every contiguous stretch. */
function forEachStretch(
  p: Parameter,
  { first, rows }: RowShard,
  visit: (source: number, target: number, length: number) => void,
): void {
  for (let row = first; row < first + rows; row++) {
    const inGroup = row % p.rows.padded;
    if (inGroup >= p.rows.size) continue; // padding
    const sourceRow = sourceRowsBefore(p, row);
    for (let group = 0; group < p.columns.groups; group++) {
      visit(
        sourceRow * sourceLength(p) + group * p.columns.size,
        (row - first) * rowLength(p) + group * p.columns.padded,
        p.columns.size,
      );
    }
  }
}

/** Some device rows of a parameter, padded; the read array itself if no padding is needed. */
async function packRows(p: Parameter, shard: RowShard, read: StoredTensor["read"]): Promise<Float32Array<ArrayBuffer>> {
  const first = sourceRowsBefore(p, shard.first);
  const rows = sourceRowsBefore(p, shard.first + shard.rows) - first;
  const start = first * sourceLength(p);
  const data = await read(start, rows * sourceLength(p));
  if (p.rows.size === p.rows.padded && p.columns.size === p.columns.padded) return data;
  const packed = new Float32Array(shard.rows * rowLength(p));
  forEachStretch(p, shard, (source, target, length) =>
    packed.set(data.subarray(source - start, source - start + length), target),
  );
  return packed;
}

/** Rows of the Hugging Face tensor before a device row. */
function sourceRowsBefore({ rows }: Parameter, deviceRow: number): number {
  return Math.floor(deviceRow / rows.padded) * rows.size + Math.min(deviceRow % rows.padded, rows.size);
}

/** Copies checked Hugging Face tensors to the device, in blocks. */
export async function writeParameters(
  device: Device,
  layout: FlatLayout,
  weights: PagedBuffer,
  tensors: ReadableTensors,
): Promise<void> {
  let untaken = 0;
  for (const parameter of layout.parameters) {
    const { read } = tensors.get(parameter.name) as ReadableTensor;
    for (const block of blocks(parameter, layout)) {
      const packed = await packRows(parameter, block, read);
      writeNumbers(device, weights.rows(parameter, rowLength(parameter), block), packed, parameter.name);
      untaken += packed.length;
      if (untaken < UNTAKEN_FLOATS) continue;
      await device.settle();
      untaken = 0;
    }
  }
}

/** A parameter's device rows, in pieces of at most BLOCK_FLOATS within one page. */
function blocks(p: Parameter, { pages }: FlatLayout): RowShard[] {
  const most = Math.max(1, Math.floor(BLOCK_FLOATS / rowLength(p)));
  return rowsByPage(pages, p, rowLength(p)).flatMap(({ first, rows }) =>
    Array.from({ length: Math.ceil(rows / most) }, (_, i) => ({
      first: first + i * most,
      rows: Math.min(most, rows - i * most),
    })),
  );
}

/** Copies tensors from the device, in the layout's order; only one page at a time is in memory twice. */
export async function readParameters(
  device: Device,
  layout: FlatLayout,
  values: PagedBuffer,
): Promise<Map<string, Tensor>> {
  const tensors = new Map<string, Tensor>(
    layout.parameters.map(({ name, shape }) => [
      name,
      { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) },
    ]),
  );
  for (const [page, { offset }] of layout.pages.entries()) {
    const floats = await values.readPage(device, page);
    for (const parameter of layout.parameters) {
      const { data } = tensors.get(parameter.name) as Tensor;
      for (const rows of rowsByPage(layout.pages, parameter, rowLength(parameter))) {
        if (rows.page !== page) continue;
        const start = parameter.offset + rows.first * rowLength(parameter) - offset;
        forEachStretch(parameter, rows, (source, target, length) =>
          data.set(floats.subarray(start + target, start + target + length), source),
        );
      }
    }
  }
  return tensors;
}
