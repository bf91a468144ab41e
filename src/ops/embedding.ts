import code from "../../shaders/embedding.wgsl?raw";
import type { Precision } from "../contracts";
import { type Device, groupsFor, type View } from "../device/device";
import type { ShardView } from "../device/pages";
import { operand } from "./operand";

/** Positions sorted by token, and the start of each token's run; the gradient of the table reads these. */
export interface TokenRuns {
  readonly order: Uint32Array<ArrayBuffer>;
  readonly runs: Uint32Array<ArrayBuffer>;
}

/** Stable counting sort of positions by token. runs has one entry more than there are distinct tokens. */
export function tokenRuns(tokens: ArrayLike<number>, vocabulary: number): TokenRuns {
  const counts = new Uint32Array(vocabulary + 1);
  for (let n = 0; n < tokens.length; n++) counts[(tokens[n] as number) + 1]!++;
  const runs: number[] = [];
  for (let t = 0; t < vocabulary; t++) {
    if (counts[t + 1]! > 0) runs.push(counts[t]!);
    counts[t + 1]! += counts[t]!;
  }
  runs.push(tokens.length);
  const order = new Uint32Array(tokens.length);
  for (let n = 0; n < tokens.length; n++) order[counts[tokens[n] as number]!++] = n;
  return { order, runs: new Uint32Array(runs) };
}

/** x [N, C], table [V, C], tokens [N]; C is a multiple of 4. Tokens outside the given rows are skipped. */
export interface Embedding {
  forward(count: number, columns: number, tokens: View, table: ShardView, x: View): void;
  /** dtable += …; `runs` is the number of distinct tokens, see tokenRuns. */
  backward(runs: number, columns: number, tokens: View, order: View, starts: View, dx: View, dtable: ShardView): void;
}

const UNIFORMS = { count: "u32", columns4: "u32", first: "u32", rows: "u32" } as const;

/** @param precision of the table */
export function embeddingOps(device: Device, precision: Precision = "float32"): Embedding {
  const { prelude, spec } = operand(precision);
  const forward = device.kernel({
    name: `embedding.forward of ${precision}`,
    code: prelude + code,
    entry: "forward",
    uniforms: UNIFORMS,
    bindings: { 1: "read", 2: "read", 3: "write" },
    cpu: { entry: "embedding_forward", constants: [precision === "float16" ? 1 : 0] },
    ...spec,
  });
  const backward = device.kernel({
    name: "embedding.backward",
    code: operand("float32").prelude + code,
    entry: "backward",
    uniforms: UNIFORMS,
    bindings: { 1: "read", 4: "read", 5: "read", 6: "read", 7: "write" },
    cpu: { entry: "embedding_backward", constants: [0] },
  });
  return {
    forward(count, columns, tokens, table, x) {
      device.dispatch(
        forward,
        { count, columns4: columns / 4, first: table.first, rows: table.rows },
        [tokens, table.view, x],
        groupsFor((count * columns) / 4),
        count * columns,
      );
    },
    backward(runs, columns, tokens, order, starts, dx, dtable) {
      device.dispatch(
        backward,
        { count: runs, columns4: columns / 4, first: dtable.first, rows: dtable.rows },
        [tokens, order, starts, dx, dtable.view],
        groupsFor((runs * columns) / 4),
        runs * columns,
      );
    },
  };
}
