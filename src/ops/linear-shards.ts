import type { View } from "../device/device";
import type { ShardView } from "../device/pages";
import type { Addend, Linear, LinearShape } from "./linear";

/** The products of linear.ts for a w, or its gradient, whose rows lie in several bindings. */
export interface ShardedLinear {
  /** Each shard computes its own columns of y: the same bits as without shards. */
  forward(shape: LinearShape, x: View, w: readonly ShardView[], y: View, addend?: Addend): void;
  /** Adds the shards' products in order. */
  backwardX(shape: LinearShape, dy: View, w: readonly ShardView[], dx: View, accumulate?: boolean): void;
  backwardW(shape: LinearShape, dy: View, x: View, dw: readonly ShardView[], accumulate?: boolean): void;
}

/** The products of a matrix in several pages, one dispatch per shard. */
export function shardedLinear(linear: Linear): ShardedLinear {
  return {
    forward(shape, x, w, y, addend) {
      for (const shard of w)
        linear.forward(shapeOf(shape, shard), x, shard.view, columnsOf(y, shard), addend && partOf(addend, shard));
    },
    backwardX(shape, dy, w, dx, accumulate = false) {
      for (const [i, shard] of w.entries())
        linear.backwardX(shapeOf(shape, shard), columnsOf(dy, shard), shard.view, dx, accumulate || i > 0);
    },
    backwardW(shape, dy, x, dw, accumulate = true) {
      for (const shard of dw) linear.backwardW(shapeOf(shape, shard), columnsOf(dy, shard), x, shard.view, accumulate);
    },
  };
}

/** Shape of one shard's product: its rows of w are columns of wider rows of y. */
function shapeOf({ rows, inputs, outputs, stride = outputs }: LinearShape, shard: ShardView): LinearShape {
  return { rows, inputs, outputs: shard.rows, stride };
}

function partOf(addend: Addend, shard: ShardView): Addend {
  if ("bias" in addend) return { bias: columnsOf(addend.bias, shard) };
  return { residual: columnsOf(addend.residual, shard) };
}

/** A matrix from a shard's first column on. A binding may start there, because shards start at aligned offsets. */
function columnsOf({ buffer, offset, size }: View, { first }: ShardView): View {
  return { buffer, offset: offset + first * 4, size: size - first * 4 };
}
