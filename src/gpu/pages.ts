import { KelvinError } from "../contracts";
import type { Gpu } from "./gpu";
import { type Allocator, type View, view } from "./view";

/** A run of floats in a flat space, e.g. the tensors that one kernel reads as a single matrix. */
export interface Segment {
  readonly offset: number;
  readonly size: number;
}

/** Where a flat space may be cut, and what starts there. */
export interface Cut {
  readonly offset: number;
  readonly name: string;
}

/** The part of a segment that lies in one page; its offset is that in the flat space. */
export interface PagePart extends Segment {
  readonly page: number;
}

/** Consecutive rows of a table. */
export interface RowShard {
  readonly first: number;
  readonly rows: number;
}

/** Rows that lie in one page. */
export interface PageRows extends RowShard {
  readonly page: number;
}

/** Consecutive rows with the buffer they lie in. */
export interface ShardView extends RowShard {
  readonly view: View;
}

/** A matrix in a flat space, cut between rows where one page does not hold it. */
export interface PagedMatrix extends Segment {
  /** Floats per row. */
  readonly width: number;
  /** Rows by page. */
  readonly shards: readonly RowShard[];
}

/** Storage bindings start at multiples of 256 bytes. */
export const ALIGNMENT = 64;

/** A matrix may be bound, and its columns of a product, from any multiple of so many rows: all have whole alignments then. */
const ROWS_PER_BLOCK = ALIGNMENT;

/** Rows of `width` floats, in whole blocks, that `floats` hold; one block at least. */
export function wholeBlocks(floats: number, width: number): number {
  return Math.max(1, Math.floor(floats / width / ROWS_PER_BLOCK)) * ROWS_PER_BLOCK;
}

/** All rows of a matrix where `floats` hold them, else those of shards of about the same length that they do hold. */
export function rowsPerShard(rows: number, width: number, floats: number): number {
  if (rows * width <= floats) return rows;
  const shards = Math.ceil(rows / wholeBlocks(floats, width));
  return Math.ceil(rows / shards / ROWS_PER_BLOCK) * ROWS_PER_BLOCK;
}

/** Floats of a page. */
export interface PageLimits {
  /** As many as are wanted in a page that could be cut. */
  readonly pageFloats: number;
  /** As many as a page may have at all. */
  readonly mostFloats: number;
}

/**
 * Cut `floats` numbers into as few pages as the limits allow; what may not be cut has a page of its own where it is larger
 * than wanted. Where a number lies in the flat space does not depend on it.
 * @throws KelvinError "out-of-memory" naming what does not fit a page
 */
export function paginate(cuts: readonly Cut[], floats: number, { pageFloats, mostFloats }: PageLimits): Segment[] {
  const pages: Segment[] = [];
  let start = 0;
  let last: Cut = { offset: 0, name: "" };
  for (const cut of [...cuts, { offset: floats, name: "" }]) {
    if (cut.offset - start > pageFloats && last.offset > start) {
      pages.push({ offset: start, size: last.offset - start });
      start = last.offset;
    }
    if (cut.offset - start > mostFloats) refuse(last.name, cut.offset - start, mostFloats);
    last = cut;
  }
  return [...pages, { offset: start, size: floats - start }];
}

function refuse(name: string, floats: number, most: number): never {
  throw new KelvinError(
    "out-of-memory",
    `${name} take ${floats * 4} bytes; the adapter binds at most ${most * 4} at once`,
    "Choose a smaller model, or an adapter with larger storage bindings.",
  );
}

/** A segment by the pages it touches. */
export function partsByPage(pages: readonly Segment[], segment: Segment): PagePart[] {
  return pages.flatMap(({ offset, size }, page) => {
    const start = Math.max(offset, segment.offset);
    const end = Math.min(offset + size, segment.offset + segment.size);
    return start < end ? [{ page, offset: start, size: end - start }] : [];
  });
}

/** Rows of a table whose rows are `width` floats long, page by page. */
export function rowsByPage(pages: readonly Segment[], table: Segment, width: number): PageRows[] {
  return partsByPage(pages, table).map(({ page, offset, size }) => ({
    page,
    first: (offset - table.offset) / width,
    rows: size / width,
  }));
}

/** A flat space of floats in several buffers, because an adapter binds only so many bytes at once. */
export class PagedBuffer {
  readonly buffers: readonly GPUBuffer[];

  constructor(
    allocator: Allocator,
    label: string,
    readonly pages: readonly Segment[],
  ) {
    this.buffers = pages.map(({ size }, i) => allocator.storage(pages.length > 1 ? `${label}.${i}` : label, size));
  }

  /** Whole pages, in order. */
  get views(): readonly View[] {
    return this.buffers.map((buffer) => view(buffer));
  }

  /** @throws where the segment does not lie in one page */
  view(segment: Segment): View {
    const page = this.pages.findLastIndex((p) => p.offset <= segment.offset);
    const { offset, size } = this.pages[page] as Segment;
    if (segment.offset + segment.size > offset + size)
      throw new Error(`floats ${segment.offset} to ${segment.offset + segment.size} cross page ${page}`);
    return view(this.buffers[page] as GPUBuffer, (segment.offset - offset) * 4, segment.size * 4);
  }

  /** Rows of a table whose rows are `width` floats long. */
  rows(table: Segment, width: number, { first, rows }: RowShard): View {
    return this.view({ offset: table.offset + first * width, size: rows * width });
  }

  /** A matrix by the pages its rows lie in. */
  shards(matrix: PagedMatrix): readonly ShardView[] {
    return matrix.shards.map((shard) => ({ ...shard, view: this.rows(matrix, matrix.width, shard) }));
  }

  clear(gpu: Gpu): void {
    for (const page of this.views) gpu.clear(page);
  }

  /** Takes the numbers of another buffer with the same pages. */
  copyFrom(gpu: Gpu, other: PagedBuffer): void {
    this.views.forEach((page, i) => {
      gpu.copy(other.views[i] as View, page);
    });
  }

  /** The whole flat space, on the host. */
  async read(gpu: Gpu): Promise<Float32Array<ArrayBuffer>> {
    const flat = new Float32Array(this.pages.reduce((sum, { size }) => sum + size, 0));
    for (const [i, { offset, size }] of this.pages.entries()) {
      const page = await gpu.readFloats(this.views[i] as View);
      flat.set(page.subarray(0, size), offset);
    }
    return flat;
  }

  write(gpu: Gpu, flat: Float32Array<ArrayBuffer>): void {
    for (const [i, { offset, size }] of this.pages.entries())
      gpu.write(this.buffers[i] as GPUBuffer, flat.subarray(offset, offset + size));
  }
}
