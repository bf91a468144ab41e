import type { Precision } from "../contracts";
import {
  aligned,
  type Cut,
  type Page,
  type PagedMatrix,
  type PageLimits,
  paginate,
  rowsPerShard,
  type Segment,
} from "../device/pages";
import { padTo4 } from "./config";

/** One axis on the device: `groups` blocks of `size` entries, each padded with zeros to `padded`. */
export interface Axis {
  readonly groups: number;
  readonly size: number;
  readonly padded: number;
}

/** One Hugging Face tensor and its place in the flat space of parameters. */
export interface Parameter extends Segment {
  readonly name: string;
  readonly shape: readonly number[];
  readonly rows: Axis;
  readonly columns: Axis;
}

export const plain = (size: number): Axis => ({ groups: 1, size, padded: padTo4(size) });

/** Floats of an axis, including padding. */
export const paddedLength = ({ groups, padded }: Axis): number => groups * padded;

/** A tensor to place; vectors have no rows. */
export interface NewTensor {
  readonly name: string;
  readonly rows: Axis | null;
  readonly columns: Axis;
}
export type NewMatrix = NewTensor & { readonly rows: Axis };

/** A placed matrix, before the space is cut into pages. */
export type PlacedMatrix = Omit<PagedMatrix, "shards">;

/** Gives tensors their places in a flat space. */
export class LayoutBuilder {
  readonly parameters: Parameter[] = [];
  private readonly cuts: Cut[] = [];
  offset = 0;

  /** Whether matrices are stored as halves; vectors never are. */
  private readonly halves: boolean;

  constructor(
    private readonly limits: PageLimits,
    matrices: Precision = "float32",
  ) {
    this.halves = matrices === "float16";
  }

  /** Numbers placed so far, rounded up to the next possible start of a binding. */
  get floats(): number {
    return aligned(this.offset, { halves: this.halves });
  }

  /** Parameters placed so far, without padding. */
  get count(): number {
    return this.parameters.reduce((sum, p) => sum + p.shape.reduce((a, b) => a * b, 1), 0);
  }

  /** @throws KelvinError "out-of-memory" that names what does not fit into one buffer */
  pages(): Page[] {
    return paginate(this.cuts, this.floats, this.limits);
  }

  /** Places tensors one after another without gaps; the group starts aligned and is never cut. */
  segment(...tensors: NewTensor[]): Segment {
    const segment = this.place(tensors);
    this.cuts.push({ offset: segment.offset, name: nameOf(tensors) });
    return segment;
  }

  /** Places tensors with equal row lengths as one matrix; pages may end after every `step` rows. */
  table(step: number, ...tensors: NewMatrix[]): PlacedMatrix {
    const { offset, size } = this.place(tensors);
    const width = paddedLength((tensors[0] as NewMatrix).columns);
    const name = step * width < size ? `${step} rows of ${nameOf(tensors)}` : nameOf(tensors);
    for (let at = offset; at < offset + size; at += step * width)
      this.cuts.push({ offset: at, name, halves: this.halves });
    return { offset, size, width };
  }

  /** The same, cut only if one page cannot hold the whole matrix. */
  matrix(...tensors: NewMatrix[]): PlacedMatrix {
    const rows = tensors.reduce((sum, tensor) => sum + paddedLength(tensor.rows), 0);
    const width = paddedLength((tensors[0] as NewMatrix).columns);
    return this.table(rowsPerShard(rows, width, this.limits.pageFloats * (this.halves ? 2 : 1)), ...tensors);
  }

  private place(tensors: readonly NewTensor[]): Segment {
    this.offset = this.floats;
    const start = this.offset;
    for (const { name, rows, columns } of tensors) {
      const shape = rows ? [rows.groups * rows.size, columns.groups * columns.size] : [columns.groups * columns.size];
      const deviceRows = rows ?? { groups: 1, size: 1, padded: 1 };
      const size = paddedLength(deviceRows) * paddedLength(columns);
      this.parameters.push({ name, shape, offset: this.offset, size, rows: deviceRows, columns });
      this.offset += size;
    }
    return { offset: start, size: this.offset - start };
  }
}

function nameOf([first, ...others]: readonly NewTensor[]): string {
  return others.length > 0 ? `${first?.name} and ${others.length} more` : `${first?.name}`;
}
