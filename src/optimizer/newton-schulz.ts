import { type Gpu, type View, view } from "../gpu/gpu";
import type { MuonMatrix } from "../model/parameters";
import type { Linear } from "../ops/linear";
import { MUON_SLICES, type Muon } from "../ops/muon";

/** Quintic coefficients of Jordan et al. 2024: fast growth of small singular values, about 1 ± 0.3 after five iterations. */
const COEFFICIENTS = [3.4445, -4.775, 2.0315] as const;
const ITERATIONS = 5;

/** Scratch for the largest matrix of a model. */
export interface MuonSpace {
  readonly update: View;
  readonly next: View;
  readonly gram: View;
  readonly gramSquared: View;
  readonly polynomial: View;
  readonly partial: View;
}

/** Plans the scratch that every matrix of a model shares. */
export function planMuonSpace(gpu: Gpu, matrices: readonly MuonMatrix[]): MuonSpace {
  const largest = Math.max(...matrices.map((m) => m.rows * m.columns));
  const smallSide = Math.max(...matrices.map((m) => Math.min(m.rows, m.columns)));
  const plan = (name: string, floats: number): View => view(gpu.storage(`muon.${name}`, floats));
  return {
    update: plan("update", largest),
    next: plan("next", largest),
    gram: plan("gram", smallSide ** 2),
    gramSquared: plan("gramSquared", smallSide ** 2),
    polynomial: plan("polynomial", smallSide ** 2),
    partial: plan("partial", MUON_SLICES),
  };
}

/**
 * Replace `space.update` [rows, columns] by approximately U·Vᵀ of its singular value decomposition; returns the view that
 * holds the result. Five steps of X ← aX + (bA + cA²)X with A = X·Xᵀ, or the mirror image for tall matrices.
 */
export function orthogonalize(linear: Linear, muon: Muon, space: MuonSpace, rows: number, columns: number): View {
  const [a, b, c] = COEFFICIENTS;
  const tall = rows > columns;
  const side = Math.min(rows, columns);
  const square = { rows: side, inputs: side, outputs: side };
  muon.normalize((rows * columns) / 4, space.update, space.partial);
  let x = space.update;
  let next = space.next;
  for (let i = 0; i < ITERATIONS; i++) {
    if (tall) linear.backwardW({ rows, inputs: columns, outputs: columns }, x, x, space.gram, false);
    else linear.forward({ rows, inputs: columns, outputs: rows }, x, x, space.gram);
    linear.forward(square, space.gram, space.gram, space.gramSquared);
    muon.polynomial(side ** 2 / 4, b, space.gram, c, space.gramSquared, space.polynomial);
    if (tall) linear.backwardX({ rows, inputs: columns, outputs: columns }, x, space.polynomial, next);
    else linear.backwardX({ rows, inputs: columns, outputs: rows }, space.polynomial, x, next);
    muon.addScaled((rows * columns) / 4, a, x, next);
    [x, next] = [next, x];
  }
  return x;
}
