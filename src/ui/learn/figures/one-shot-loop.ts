import { svg } from "lit";
import { arrow, box, type Figure, HEAD } from "./diagram";

/** 1-shot RLVR: one task, repeated. */
export const ONE_SHOT_LOOP: Figure = {
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
};
