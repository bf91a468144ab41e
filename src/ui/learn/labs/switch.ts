/** A policy with one choice, trained like the real one. Pure. */
import { standardize } from "../../../contracts";

/** Accuracy of each way of answering. */
export interface World {
  readonly worked: number;
  readonly direct: number;
}

/** One drawn answer. */
export interface Draw {
  readonly worked: boolean;
  readonly right: boolean;
  readonly advantage: number;
}

/** State of the one weight's training. */
export interface Toy {
  /** Log-odds of working step by step. */
  readonly logit: number;
  /** Probability of working step by step, before the first step and after each. */
  readonly curve: readonly number[];
  /** The group of the last step. */
  readonly draws: readonly Draw[];
}

/** Answers drawn per step. */
export const GROUP = 16;
const LEARNING_RATE = 0.8;
/** The shipped model works about a fifth of its answers step by step at first. */
const START = Math.log(0.2 / 0.8);

/** Before training. */
export const freshToy: Toy = { logit: START, curve: [probability(START)], draws: [] };

/** One step: draw a group, reward it (+1 or −0.5), compare, and move the one weight along the policy gradient. */
export function step(toy: Toy, world: World, random: () => number): Toy {
  const p = probability(toy.logit);
  const drawn = Array.from({ length: GROUP }, () => {
    const worked = random() < p;
    return { worked, right: random() < (worked ? world.worked : world.direct) };
  });
  const { advantages } = standardize(drawn.map(({ right }) => (right ? 1 : -0.5)));
  const draws = drawn.map((draw, index) => ({ ...draw, advantage: advantages[index] ?? 0 }));
  // d log p(choice) / d logit is 1 - p for the chosen way and -p for the other.
  const gradient = draws.reduce((sum, { worked, advantage }) => sum + advantage * ((worked ? 1 : 0) - p), 0) / GROUP;
  const logit = toy.logit + LEARNING_RATE * gradient;
  return { logit, curve: [...toy.curve, probability(logit)], draws };
}

function probability(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}
