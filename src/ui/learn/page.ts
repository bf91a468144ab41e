/** What a page of Learn is made of: data, so that its text reads well where it is written. */
import type { RunState } from "../../telemetry/state";
import type { Figure } from "./figures/diagram";

/**
 * Running text: `{term}` or `{term|other words}` opens the glossary, `*word*` is emphasis, `` `code` `` is code,
 * `[words](https://…)` leads away, `[words](learn/azr)` stays on the page.
 */
export type Text = string;

/** A formula with the numbers of a run. */
export interface LiveFormula {
  readonly tex: string;
  readonly plain: string;
  /** Origin of the numbers: "step 12, solver deduction". */
  readonly from: string;
}

/** A formula, the meaning of its signs, and its numbers from the run on screen. */
export interface FormulaBlock {
  readonly kind: "formula";
  readonly tex: string;
  /** The formula in words, for readers without KaTeX. */
  readonly plain: string;
  /** What each sign means. */
  readonly where: readonly (readonly [tex: string, meaning: Text])[];
  /** null if the run has no such numbers yet. */
  readonly live?: (run: RunState) => LiveFormula | null;
}

/** A table. */
export interface TableBlock {
  readonly kind: "table";
  readonly caption: Text;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** One piece of a section. */
export type Block =
  | Text
  | FormulaBlock
  | TableBlock
  | { readonly kind: "list"; readonly ordered?: boolean; readonly items: readonly Text[] }
  | { readonly kind: "figure"; readonly figure: Figure; readonly caption: Text }
  /** An experiment: the element `kelvin-LAB-lab` of labs/LAB-lab.ts. */
  | { readonly kind: "lab"; readonly lab: string; readonly title: string; readonly text: Text }
  /** What happened on this device, or in the recording that ships. */
  | { readonly kind: "evidence"; readonly method: string }
  | { readonly kind: "aside"; readonly title: string; readonly text: Text };

/** A part of a page under a heading of its own. */
export interface Section {
  /** In the URL: `view=learn/azr/advantage`. */
  readonly id: string;
  readonly title: string;
  readonly blocks: readonly Block[];
}

/** A page of Learn. */
export interface Page {
  readonly name: string;
  /** Pages are listed by it, then by name. */
  readonly order: number;
  /** The method of the page: only its runs put their numbers into the formulas. Absent if any run will do. */
  readonly method?: string;
  readonly title: string;
  /** In the list of pages. */
  readonly short: string;
  readonly lead: Text;
  /** The paper; absent if the page is not about one. */
  readonly cite?: Text;
  readonly sections: readonly Section[];
}
