/** The pictures of the loops, with the phase that is on lit. */
import { type SVGTemplateResult, svg } from "lit";
import type { Phase } from "../../../contracts";
import type { FigureName } from "../page";
import { arrow, box, HEAD } from "./diagram";

/** A picture of a loop, in the units of its drawing. */
export interface Figure {
  readonly width: number;
  readonly height: number;
  /** The picture in words. */
  readonly label: string;
  draw(lit: Phase | null): SVGTemplateResult;
}

export const FIGURES: Readonly<Record<FigureName, Figure>> = {
  "step-loop": {
    width: 760,
    height: 170,
    label:
      "One step: the policy writes samples, the verifier rules on each, rewards are given, each is compared with its group, and an update moves the policy's weights; then it begins again.",
    draw: (lit) => svg`${HEAD}
      ${box({ x: 12, y: 40, w: 124, h: 60, title: "Policy writes", note: "samples", phase: "solve", number: 1 }, lit)}
      ${arrow("M136 70H166")}
      ${box({ x: 168, y: 40, w: 124, h: 60, title: "Verifier rules", note: "verdicts", phase: "verify", number: 2 }, lit)}
      ${arrow("M292 70H322")}
      ${box({ x: 324, y: 40, w: 124, h: 60, title: "Rewards", note: "+1, −0.5, −1", phase: "reward", number: 3 }, lit)}
      ${arrow("M448 70H478")}
      ${box({ x: 480, y: 40, w: 124, h: 60, title: "Compare", note: "advantages", phase: "advantage", number: 4 }, lit)}
      ${arrow("M604 70H634")}
      ${box({ x: 636, y: 40, w: 112, h: 60, title: "Update", note: "weights move", phase: "update", number: 5 }, lit)}
      ${arrow("M692 100V146H74V102", "the next step begins with the new weights", [380, 140])}`,
  },
  "azr-loop": {
    width: 760,
    height: 372,
    label:
      "One policy has two roles. As proposer it writes a program and an input; Python runs them twice and refuses what is not valid; what passes goes into the task buffer. As solver it answers tasks from the buffer; Python checks the answers. Rewards go to both roles: right or wrong for the solver, one minus the solve rate for the proposer. One update moves the weights of both.",
    draw: (lit) => svg`${HEAD}
      <rect class="policy" x="12" y="72" width="150" height="218" rx="10"/>
      <text class="strong" x="87" y="186" text-anchor="middle">one policy</text>
      ${box({ x: 24, y: 84, w: 126, h: 62, title: "Proposer", note: "invents tasks", phase: "propose", number: 1 }, lit)}
      ${box({ x: 24, y: 216, w: 126, h: 62, title: "Solver", note: "answers them", phase: "solve", number: 3 }, lit)}
      <rect class="role-proposer" x="37" y="96" width="9" height="9" transform="rotate(45 41.5 100.5)"/>
      <circle class="role-solver" cx="41" cy="233" r="4.5"/>
      ${arrow("M150 115H304", "program, input", [229, 106])}
      ${box({ x: 306, y: 84, w: 150, h: 62, title: "Python runs it", note: "twice; valid or refused", phase: "verify", number: 2 }, lit)}
      ${arrow("M456 115H592", "a new task", [524, 106])}
      ${box({ x: 594, y: 84, w: 150, h: 62, title: "Task buffer", note: "grows with every step" }, lit)}
      ${arrow("M669 84V34H87V70", "earlier programs, to vary", [378, 26])}
      ${arrow("M669 146V182H190V236H152", "a task: the answer stays hidden", [430, 174])}
      ${arrow("M150 258H304", "answer", [243, 250])}
      ${box({ x: 306, y: 216, w: 150, h: 62, title: "Python checks", note: "right, wrong, unreadable", phase: "reward", number: 4 }, lit)}
      ${arrow("M456 247H592", "rewards, both roles", [524, 238])}
      ${box({ x: 594, y: 216, w: 150, h: 62, title: "Six baselines", note: "role × task type", phase: "advantage", number: 5 }, lit)}
      ${arrow("M669 278V318", "", [0, 0])}
      ${box({ x: 594, y: 320, w: 150, h: 44, title: "Update", phase: "update", number: 6 }, lit)}
      ${arrow("M594 342H87V292", "new weights for both roles", [340, 334])}`,
  },
  "one-shot-loop": {
    width: 760,
    height: 300,
    label:
      "One task, repeated. The policy answers it many times; Python checks each answer; the rewards of one group are compared with each other; an update moves the weights, held back a little by the distance to a frozen copy of the model and pushed to stay undecided by an entropy bonus. Then the same task again.",
    draw: (lit) => svg`${HEAD}
      ${box({ x: 12, y: 40, w: 132, h: 74, title: "One task", note: "always the same" }, lit)}
      ${arrow("M144 77H190")}
      ${box({ x: 192, y: 40, w: 132, h: 74, title: "Policy", note: "answers 16 times", phase: "solve", number: 1 }, lit)}
      ${[0, 1, 2, 3, 4].map((line) => arrow(`M324 ${53 + 12 * line}H370`))}
      ${box({ x: 372, y: 40, w: 132, h: 74, title: "Python checks", note: "each answer", phase: "reward", number: 2 }, lit)}
      ${arrow("M504 77H542")}
      ${box({ x: 544, y: 40, w: 166, h: 74, title: "Group of 16", note: "mean, spread, advantage", phase: "advantage", number: 3 }, lit)}
      ${arrow("M627 114V196")}
      ${box({ x: 552, y: 198, w: 150, h: 62, title: "Update", note: "one step downhill", phase: "update", number: 4 }, lit)}
      ${arrow("M552 229H258V116", "new weights", [300, 222], "start")}
      ${box({ x: 372, y: 150, w: 132, h: 46, title: "Frozen copy", note: "distance: KL" }, lit)}
      ${arrow("M504 173H592V196")}
      ${box({ x: 12, y: 206, w: 170, h: 46, title: "Held-out tasks", note: "never trained on" }, lit)}
      ${arrow("M222 116V229H184", "", [0, 0])}`,
  },
};
