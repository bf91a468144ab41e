/** What a page of Learn is made of: data, so that its text reads well where it is written. */
import type { RunState } from "../../telemetry/state";

/**
 * Running text: `{term}` or `{term|other words}` opens the glossary, `*word*` is emphasis, `` `code` `` is code,
 * `[words](https://…)` leads away, `[words](learn/azr)` stays on the page.
 */
export type Text = string;

/** A formula with the numbers of a run put in. */
export interface LiveFormula {
  readonly tex: string;
  readonly plain: string;
  /** Which numbers these are: "step 12, solver deduction". */
  readonly from: string;
}

/** A formula, explained sign by sign, and with the numbers of the run on screen. */
export interface FormulaBlock {
  readonly kind: "formula";
  readonly tex: string;
  /** The formula in words, for readers without KaTeX. */
  readonly plain: string;
  /** What each sign means. */
  readonly where: readonly (readonly [tex: string, meaning: Text])[];
  /** null while the run has no such numbers. */
  readonly live?: (run: RunState) => LiveFormula | null;
}

/** A table of words and figures. */
export interface TableBlock {
  readonly kind: "table";
  readonly caption: Text;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Pictures and experiments that a page can hold. */
export type FigureName = "step-loop" | "azr-loop" | "one-shot-loop";
export type LabName = "advantage" | "learnability" | "switch";

/** One piece of a section. */
export type Block =
  | Text
  | FormulaBlock
  | TableBlock
  | { readonly kind: "list"; readonly ordered?: boolean; readonly items: readonly Text[] }
  | { readonly kind: "figure"; readonly figure: FigureName; readonly caption: Text }
  | { readonly kind: "lab"; readonly lab: LabName; readonly title: string; readonly text: Text }
  /** What happened on this device, or in the recording that ships. */
  | { readonly kind: "evidence"; readonly method: string }
  | { readonly kind: "aside"; readonly title: string; readonly text: Text };

/** A part of a page under a heading of its own. */
export interface Section {
  /** In the address: `view=learn/azr/advantage`. */
  readonly id: string;
  readonly title: string;
  readonly blocks: readonly Block[];
}

/** A page of Learn. */
export interface Page {
  readonly name: string;
  /** The method it is about: only its runs put their numbers into the formulas. Absent where any run serves. */
  readonly method?: string;
  readonly title: string;
  /** In the list of pages. */
  readonly short: string;
  readonly lead: Text;
  /** The paper, where the page is about one. */
  readonly cite?: Text;
  readonly sections: readonly Section[];
}
