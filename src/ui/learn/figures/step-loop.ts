import { svg } from "lit";
import { arrow, box, type Figure, HEAD } from "./diagram";

/** One step of any method. */
export const STEP_LOOP: Figure = {
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
};
