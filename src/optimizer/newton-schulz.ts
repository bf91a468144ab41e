import { largest } from "../contracts";
import { type Allocator, type View, view } from "../device/device";
import { rowsPerShard, type Segment, type ShardView } from "../device/pages";
import type { Linear } from "../ops/linear";
import { shardedLinear } from "../ops/linear-shards";
import { MUON_SLICES, type Muon } from "../ops/muon";
import type { MuonMatrix } from "./layout";

/** Quintic coefficients of Jordan et al. 2024: fast growth of small singular values, about 1 ± 0.3 after five iterations. */
const COEFFICIENTS = [3.4445, -4.775, 2.0315] as const;
const ITERATIONS = 5;

/** Scratch for the largest matrix of a model; several buffers if one cannot hold it. */
export interface MuonSpace {
  readonly update: readonly View[];
  readonly next: readonly View[];
  readonly gram: View;
  readonly gramSquared: View;
  readonly polynomial: View;
  readonly partial: View;
}

/**
 * Plans the scratch that all matrices of a model share.
 * @param pages of the model: no buffer is larger than the largest page, except for the square of a matrix's smaller
 * side
 */
export function planMuonSpace(
  allocator: Allocator,
  matrices: readonly MuonMatrix[],
  pages: readonly Segment[],
): MuonSpace {
  const widest = largest(matrices.map((m) => m.rows * m.columns));
  const floats = Math.min(widest, largest(pages.map(({ size }) => size)));
  const shards = largest(matrices.map((m) => Math.ceil(m.rows / rowsPerShard(m.rows, m.columns, floats))));
  const smallSide = largest(matrices.map((m) => Math.min(m.rows, m.columns)));
  const plan = (name: string, size: number): View => view(allocator.storage(`muon.${name}`, size));
  const planShards = (name: string): View[] => Array.from({ length: shards }, (_, i) => plan(`${name}.${i}`, floats));
  return {
    update: planShards("update"),
    next: planShards("next"),
    gram: plan("gram", smallSide ** 2),
    gramSquared: plan("gramSquared", smallSide ** 2),
    polynomial: plan("polynomial", smallSide ** 2),
    partial: plan("partial", shards * MUON_SLICES),
  };
}

type Size = Pick<MuonMatrix, "rows" | "columns">;

/** The buffers of a scratch matrix of this size, with the rows in each. */
export function scratchShards(buffers: readonly View[], { rows, columns }: Size): ShardView[] {
  const most = rowsPerShard(rows, columns, (buffers[0] as View).size / 4);
  return Array.from({ length: Math.ceil(rows / most) }, (_, i) => ({
    first: i * most,
    rows: Math.min(most, rows - i * most),
    view: buffers[i] as View,
  }));
}

/**
 * Replaces `space.update` [rows, columns] by approximately U·Vᵀ of its singular value decomposition; returns the shards that hold
 * the result. Five steps of X ← aX + (bA + cA²)X with A = X·Xᵀ, or the transposed form for tall matrices.
 */
export function orthogonalize(linear: Linear, muon: Muon, space: MuonSpace, size: Size): readonly ShardView[] {
  const [a, b, c] = COEFFICIENTS;
  const { rows, columns } = size;
  const side = Math.min(rows, columns);
  const square = { rows: side, inputs: side, outputs: side };
  const { gram, gramSquared, polynomial } = space;
  const products = rows > columns ? tallProducts(linear, columns) : wideProducts(linear, size);
  const count = (part: ShardView): number => (part.rows * columns) / 4;
  let x = scratchShards(space.update, size);
  let next = scratchShards(space.next, size);
  muon.normalize(
    x.map((part) => ({ count: count(part), x: part.view })),
    space.partial,
  );
  for (let i = 0; i < ITERATIONS; i++) {
    products.gram(x, gram);
    linear.forward(square, gram, gram, gramSquared);
    muon.polynomial(side ** 2 / 4, b, gram, c, gramSquared, polynomial);
    for (const [k, part] of x.entries()) {
      const { view: target } = next[k] as ShardView;
      products.times(polynomial, x, part, target);
      muon.addScaled(count(part), a, part.view, target);
    }
    [x, next] = [next, x];
  }
  return x;
}

/** The two products that depend on a matrix's orientation. Both squares are symmetric. */
interface GramProducts {
  /** Product over the smaller side: X·Xᵀ or Xᵀ·X. */
  gram(x: readonly ShardView[], gram: View): void;
  /** The rows of square·X, or of X·square, that belong to one part of X. */
  times(square: View, x: readonly ShardView[], part: ShardView, target: View): void;
}

function tallProducts(linear: Linear, columns: number): GramProducts {
  const shape = ({ rows }: ShardView) => ({ rows, inputs: columns, outputs: columns });
  return {
    gram(x, gram) {
      for (const [k, part] of x.entries()) linear.backwardW(shape(part), part.view, part.view, gram, k > 0);
    },
    times(square, _, part, target) {
      linear.backwardX(shape(part), part.view, square, target);
    },
  };
}

function wideProducts(linear: Linear, { rows: outputs, columns: inputs }: Size): GramProducts {
  const sharded = shardedLinear(linear);
  const shape = ({ rows }: ShardView) => ({ rows, inputs, outputs });
  const rowsOf = ({ buffer, offset, size }: View, { first }: ShardView): View => {
    const skipped = first * outputs * 4;
    return { buffer, offset: offset + skipped, size: size - skipped };
  };
  return {
    gram(x, gram) {
      for (const part of x) sharded.forward(shape(part), part.view, x, rowsOf(gram, part));
    },
    times(square, x, part, target) {
      sharded.backwardX(shape(part), rowsOf(square, part), x, target);
    },
  };
}
