import { svg } from "lit";
import { arrow, box, type Figure, HEAD } from "./diagram";

/** LADDER: a tree of easier variants, then practice from the lowest rung up. */
export const LADDER_LOOP: Figure = {
  width: 760,
  height: 320,
  label:
    "Ten hard tasks of eight statements. The model makes easier variants of each, and variants of those; Python admits them. The tasks stand on rungs by their length. The model tries tasks of all rungs; Python checks each answer; groups of eight are compared; an update moves the weights. The short ones are solved first, and longer ones after them.",
  draw: (lit) => svg`${HEAD}
    ${box({ x: 12, y: 30, w: 138, h: 66, title: "Ten hard tasks", note: "eight statements" }, lit)}
    ${arrow("M150 63H194")}
    ${box({ x: 196, y: 30, w: 150, h: 66, title: "Make it easier", note: "variants of variants", phase: "propose", number: 1 }, lit)}
    ${arrow("M346 63H390")}
    ${box({ x: 392, y: 30, w: 150, h: 66, title: "Python admits", note: "runs, new, none idle", phase: "verify", number: 2 }, lit)}
    ${arrow("M542 63H588")}
    ${box({ x: 590, y: 30, w: 158, h: 66, title: "Rungs", note: "tasks by length" }, lit)}
    ${arrow("M669 96V148")}
    ${box({ x: 598, y: 150, w: 150, h: 62, title: "Policy solves", note: "tasks of every rung", phase: "solve", number: 3 }, lit)}
    ${arrow("M598 181H544")}
    ${box({ x: 392, y: 150, w: 150, h: 62, title: "Python checks", note: "right, every statement", phase: "reward", number: 4 }, lit)}
    ${arrow("M392 181H348")}
    ${box({ x: 196, y: 150, w: 150, h: 62, title: "Group of 8", note: "mean, spread, advantage", phase: "advantage", number: 5 }, lit)}
    ${arrow("M271 212V246")}
    ${box({ x: 196, y: 248, w: 150, h: 58, title: "Update", note: "one step downhill", phase: "update", number: 6 }, lit)}
    ${arrow("M346 277H673V214", "new weights: longer tasks are solved sometimes", [505, 270], "middle")}`,
};
