import { learnability } from "../../../contracts";

/** Mean reward of a proposer for a task with solve probability `q`, estimated from `tries` tries. */
export function expectedReward(q: number, tries: number): number {
  let sum = 0;
  for (let solved = 0; solved <= tries; solved++)
    sum += binomial(tries, solved) * q ** solved * (1 - q) ** (tries - solved) * learnability(solved / tries);
  return sum;
}

/** The solve rate with the highest mean reward, to a hundredth. */
export function bestRate(tries: number): number {
  let best = 0;
  for (let q = 0; q <= 1; q += 0.01) if (expectedReward(q, tries) > expectedReward(best, tries)) best = q;
  return Math.round(best * 100) / 100;
}

/** Probability that all tries agree, so that the reward is 0. */
export function chanceOfNothing(q: number, tries: number): number {
  return q ** tries + (1 - q) ** tries;
}

function binomial(n: number, k: number): number {
  let product = 1;
  for (let i = 1; i <= k; i++) product = (product * (n - k + i)) / i;
  return product;
}
