import { svg } from "lit";
import { arrow, box, type Figure, HEAD } from "./diagram";

/** Absolute Zero: one policy in two roles. */
export const AZR_LOOP: Figure = {
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
};
