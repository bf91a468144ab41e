import type { NormShape } from "../ops/rmsnorm";
import { type ModelConfig, widths } from "./config";

/** A norm over whole rows of the residual stream. */
export function rowNorm(config: ModelConfig, rows: number): NormShape {
  const { hidden, eps } = config;
  return { rows, columns: hidden, eps, heads: 1, stride4: widths(config).hidden / 4, offset4: 0 };
}

/** The norms of every query and every key head inside q·k·v rows. */
export function headNorms(config: ModelConfig, rows: number): { queries: NormShape; keys: NormShape } {
  const { queryHeads, keyHeads, headDim } = config.heads;
  const { qkv, queries } = widths(config);
  const shared = { columns: headDim, eps: config.eps, stride4: qkv / 4 };
  return {
    queries: { ...shared, rows: rows * queryHeads, heads: queryHeads, offset4: 0 },
    keys: { ...shared, rows: rows * keyHeads, heads: keyHeads, offset4: queries / 4 },
  };
}
