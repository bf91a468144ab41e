/** What an optimizer knows of the numbers that it steps. */
import type { Page, Segment } from "../device/pages";

/** A matrix that Muon orthogonalises: padded rows × columns. */
export interface MuonMatrix extends Segment {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  /** Rows per column of the matrix without padding. */
  readonly aspect: number;
}

/** Numbers in one flat space; gradient and moments have the same layout. */
export interface SteppedLayout {
  /** Numbers in the flat space. */
  readonly floats: number;
  /** The buffers of the space. */
  readonly pages: readonly Page[];
  readonly matrices: readonly MuonMatrix[];
  /** Everything except `matrices`. */
  readonly vectors: Segment;
}
