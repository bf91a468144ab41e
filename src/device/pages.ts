import { KelvinError } from "../contracts";
import type { Device } from "./device";
import { fromHalves, toHalves } from "./halves";
import { type Allocator, type DeviceBuffer, type View, view } from "./view";

/** A range of numbers in a flat space, for example the tensors that one kernel reads as a single matrix. */
export interface Segment {
  readonly offset: number;
  readonly size: number;
}

/** Number format: float16, two per float's room, or float32. */
interface Held {
  readonly halves?: boolean;
}

/** A place where a flat space may be cut, and what starts there. */
export interface Cut extends Held {
  readonly offset: number;
  readonly name: string;
}

/** The part of a flat space that lies in one buffer. */
export interface Page extends Segment, Held {}

/** Numbers per float's room. */
const perFloat = ({ halves }: Held): number => (halves ? 2 : 1);

/** The part of a segment in one page; its offset is that in the flat space. */
export interface PagePart extends Segment {
  readonly page: number;
}

/** Consecutive rows of a table. */
export interface RowShard {
  readonly first: number;
  readonly rows: number;
}

/** Rows in one page. */
export interface PageRows extends RowShard {
  readonly page: number;
}

/** Consecutive rows and their buffer. */
export interface ShardView extends RowShard {
  readonly view: View;
}

/** A matrix in a flat space, cut between rows if one page cannot hold it. */
export interface PagedMatrix extends Segment {
  /** Floats per row. */
  readonly width: number;
  /** Rows by page. */
  readonly shards: readonly RowShard[];
}

/** Storage bindings start at multiples of 256 bytes, in floats. */
const ALIGNMENT = 64;

/** Rounds a count of numbers up to the next start of a binding. */
export function aligned(numbers: number, held: Held = {}): number {
  const step = ALIGNMENT * perFloat(held);
  return Math.ceil(numbers / step) * step;
}

/** A matrix can be bound, and its columns of a product too, from any multiple of this many rows: every offset is then aligned. */
const ROWS_PER_BLOCK = ALIGNMENT;

/** Rows of `width` floats, in whole blocks, that fit into `floats`; at least one block. */
export function wholeBlocks(floats: number, width: number): number {
  return Math.max(1, Math.floor(floats / width / ROWS_PER_BLOCK)) * ROWS_PER_BLOCK;
}

/** Rows per shard: all rows if they fit into `floats`, else shards of similar length that fit. */
export function rowsPerShard(rows: number, width: number, floats: number): number {
  if (rows * width <= floats) return rows;
  const shards = Math.ceil(rows / wholeBlocks(floats, width));
  return Math.ceil(rows / shards / ROWS_PER_BLOCK) * ROWS_PER_BLOCK;
}

/** Sizes of a page in floats. */
export interface PageLimits {
  /** Preferred size of a page that can be cut. */
  readonly pageFloats: number;
  /** Largest possible size. */
  readonly mostFloats: number;
}

/**
 * Cuts a flat space of `size` numbers into as few pages as the limits allow, each of one number format. A part that must not be
 * cut gets a page of its own if it exceeds the preferred size. Positions in the flat space do not depend on the cuts.
 * @throws KelvinError "out-of-memory" that names what does not fit into a page
 */
export function paginate(cuts: readonly Cut[], size: number, { pageFloats, mostFloats }: PageLimits): Page[] {
  const pages: Page[] = [];
  const start: Cut = { offset: 0, name: "", ...cuts[0] };
  let first = start;
  let last = start;
  const turn = (next: Cut): void => {
    pages.push(pageOf(first, next.offset));
    first = next;
  };
  for (const cut of [...cuts, { ...(cuts.at(-1) ?? start), offset: size }]) {
    if ((cut.offset - first.offset) / perFloat(first) > pageFloats && last.offset > first.offset) turn(last);
    const floats = (cut.offset - first.offset) / perFloat(first);
    if (floats > mostFloats) refuse(last.name, floats, mostFloats);
    if (perFloat(cut) !== perFloat(first)) turn(cut);
    last = cut;
  }
  return [...pages, pageOf(first, size)];
}

function pageOf({ offset, halves }: Cut, end: number): Page {
  return { offset, size: end - offset, ...(halves && { halves }) };
}

function refuse(name: string, floats: number, most: number): never {
  throw new KelvinError(
    "out-of-memory",
    `${name} take ${floats * 4} bytes; the adapter binds at most ${most * 4} at once`,
    "Choose a smaller model, or an adapter with larger storage bindings.",
  );
}

/** The parts of a segment in each page. */
export function partsByPage(pages: readonly Segment[], segment: Segment): PagePart[] {
  return pages.flatMap(({ offset, size }, page) => {
    const start = Math.max(offset, segment.offset);
    const end = Math.min(offset + size, segment.offset + segment.size);
    return start < end ? [{ page, offset: start, size: end - start }] : [];
  });
}

/** Rows of a table of `width` floats per row, page by page. */
export function rowsByPage(pages: readonly Segment[], table: Segment, width: number): PageRows[] {
  return partsByPage(pages, table).map(({ page, offset, size }) => ({
    page,
    first: (offset - table.offset) / width,
    rows: size / width,
  }));
}

/** A flat space of numbers in several buffers, because an adapter limits the size of a binding. */
export class PagedBuffer {
  readonly buffers: readonly DeviceBuffer[];
  /** Whole pages, in order. */
  readonly views: readonly View[];

  constructor(
    allocator: Allocator,
    label: string,
    readonly pages: readonly Page[],
  ) {
    this.buffers = pages.map((page, i) =>
      allocator.storage(pages.length > 1 ? `${label}.${i}` : label, page.size / perFloat(page)),
    );
    this.views = pages.map((page, i) => heldView(this.buffers[i] as DeviceBuffer, page, 0, page.size));
  }

  /** @throws if the segment is not within one page */
  view(segment: Segment): View {
    const page = this.pages.findLastIndex((p) => p.offset <= segment.offset);
    const found = this.pages[page] as Page;
    if (segment.offset + segment.size > found.offset + found.size)
      throw new Error(`numbers ${segment.offset} to ${segment.offset + segment.size} cross page ${page}`);
    return heldView(this.buffers[page] as DeviceBuffer, found, segment.offset - found.offset, segment.size);
  }

  /** Rows of a table with `width` floats per row. */
  rows(table: Segment, width: number, { first, rows }: RowShard): View {
    return this.view({ offset: table.offset + first * width, size: rows * width });
  }

  /** The rows of a matrix, page by page. */
  shards(matrix: PagedMatrix): readonly ShardView[] {
    return matrix.shards.map((shard) => ({ ...shard, view: this.rows(matrix, matrix.width, shard) }));
  }

  clear(device: Device): void {
    for (const page of this.views) device.clear(page);
  }

  /** Copies the numbers of another buffer with the same pages. */
  copyFrom(device: Device, other: PagedBuffer): void {
    this.views.forEach((page, i) => {
      device.copy(other.views[i] as View, page);
    });
  }

  /** Reads one page to the host. */
  async readPage(device: Device, page: number): Promise<Float32Array<ArrayBuffer>> {
    const bytes = await device.read(this.views[page] as View);
    return this.pages[page]?.halves ? fromHalves(new Uint16Array(bytes)) : new Float32Array(bytes);
  }

  /** Reads the whole flat space to the host. */
  async read(device: Device): Promise<Float32Array<ArrayBuffer>> {
    const flat = new Float32Array(this.pages.reduce((sum, { size }) => sum + size, 0));
    for (const [i, { offset }] of this.pages.entries()) flat.set(await this.readPage(device, i), offset);
    return flat;
  }

  write(device: Device, flat: Float32Array<ArrayBuffer>): void {
    for (const [i, { offset, size }] of this.pages.entries())
      writeNumbers(device, this.views[i] as View, flat.subarray(offset, offset + size), "weights");
  }
}

function heldView(buffer: DeviceBuffer, { halves }: Held, first: number, count: number): View {
  const bytes = halves ? 2 : 4;
  return { ...view(buffer, first * bytes, count * bytes), ...(halves && { halves }) };
}

/**
 * Writes numbers into a view, rounded if it holds halves.
 * @throws KelvinError "model" if a number of `name` exceeds the largest half
 */
export function writeNumbers(
  device: Device,
  { buffer, offset, halves }: View,
  numbers: Float32Array<ArrayBuffer>,
  name: string,
): void {
  device.write(buffer, halves ? toHalves(numbers, name) : numbers, offset);
}
