/** Phases that several methods share. A method picks from them, writes a note of its own over one, or makes others. */
import type { PhaseInfo } from "./display";

export const PROPOSE: PhaseInfo = {
  name: "propose",
  work: "writing",
  title: "Propose",
  heading: "The model proposes",
  note: "The model varies programs from its buffer and invents inputs.[ It has written {proposals:proposal} in this step.] Nobody gives it tasks.",
  caption: "[It invented {proposals:task}. Nobody gave it any.|It invents its own tasks.]",
};

export const VERIFY: PhaseInfo = {
  name: "verify",
  work: "judging",
  title: "Verify",
  heading: "The verifier rules",
  note: "Real Python runs every program twice. {valid} of {ruled:proposal} may become tasks; the rest are refused with a reason.",
  caption: "Python ran them all: {valid} of {proposals} may become tasks.",
};

export const SOLVE: PhaseInfo = {
  name: "solve",
  work: "writing",
  title: "Solve",
  heading: "The model solves",
  note: "[The model has written {answers:answer}, {traced} of them step by step.[ {probes} of them only rate how hard the new tasks are.] Whether they are right is not known yet.|The model answers tasks, straight away or step by step.]",
  caption: "[{answers} answers, {traced} of them worked step by step. Are they right?|The same model now solves.]",
};

export const REWARD: PhaseInfo = {
  name: "reward",
  work: "judging",
  title: "Reward",
  heading: "Rewards are given",
  note: "A right answer earns +1, a wrong one −0.5, an unreadable one −1.[ {right} of {rewarded} trained answers are right.][ {paid:proposal} {paid?is|are} paid: solved sometimes, but not always.]",
  caption: "Right earns +1, wrong −0.5: {right} of {rewarded} are right.",
};

export const ADVANTAGE: PhaseInfo = {
  name: "advantage",
  work: "comparing",
  title: "Advantage",
  heading: "Rewards are compared",
  note: "Each reward is compared with the mean of its group[, {groups:group} in this step. The largest surprise, in “{group}”: {surprise}. Warm becomes more likely, cold less|].",
  caption:
    "[Better than the group: {best}, made more likely. Worse: {worst}, made less likely.|All did equally well: there is nothing to prefer.]",
};

export const UPDATE: PhaseInfo = {
  name: "update",
  work: "learning",
  title: "Update",
  heading: "The weights move",
  note: "[Nothing is learned in this step: {skipped}.|One gradient step moves all weights, so that warm tokens become more likely and cold ones less.[ It was made from {tokens} tokens[; the gradient had norm {norm}].]]",
  caption: "[Nothing is learned: {skipped}.|{parameters} weights move a little[, from {tokens} tokens].]",
};

/** The loop's own: between steps, whatever the method. */
export const EVALUATE: PhaseInfo = {
  name: "evaluate",
  work: "measuring",
  title: "Evaluate",
  heading: "Held-out tasks are tried",
  note: "Tasks that are never trained on are answered greedily: this is the headline curve.[ Deduction: {deduction} % of {deductionTasks} right.]",
  caption: "An exam it never trains on[: {deduction} % right].",
};

/** From proposal to update: every phase that a step of self-play has. */
export const SELF_PLAY_PHASES: readonly PhaseInfo[] = [PROPOSE, VERIFY, SOLVE, REWARD, ADVANTAGE, UPDATE];
