/** Every word with one meaning, in code and on screen. Definitions use the markup of `markup.ts`. */
import type { Word } from "../../contracts";
import { declaredWords } from "../declared-words";

export const GLOSSARY = {
  policy: {
    title: "Policy",
    text: "The model seen as a chooser: given the text so far, it puts a probability on every possible next token. Training moves those probabilities and nothing else.",
    see: ["token", "sample"],
  },
  token: {
    title: "Token",
    text: "The piece of text the model reads and writes in one go. The shipped model knows 151 of them: numbers, names, brackets and a few words of Python.",
    see: ["log-probability"],
  },
  prompt: {
    title: "Prompt",
    text: "The text the model is given. A solver's prompt is a task; a proposer's prompt is an earlier program to vary.",
    see: ["completion"],
  },
  completion: {
    title: "Completion",
    text: "The text the model writes after a prompt, token by token, until it writes the end token or runs out of room.",
    see: ["sample", "prompt"],
  },
  sample: {
    title: "Sample",
    text: "One completion drawn at random from the policy, with everything that is later said about it: verdict, reward, advantage. Draw again and you get another one.",
    see: ["temperature", "group"],
  },
  group: {
    title: "Group",
    text: "The samples whose rewards are compared with each other. In GRPO: all samples of one prompt. In TRR++: all samples of one role and task type in a step.",
    see: ["baseline", "advantage"],
  },
  rollout: {
    title: "Rollout",
    text: "The part of a step in which the policy writes: prompts go in, samples come out.",
    see: ["sample", "step"],
  },
  verdict: {
    title: "Verdict",
    text: "What the verifier says of a sample: right, wrong, unreadable, or for a proposal valid or refused. Always with a reason, never an opinion.",
    see: ["verifier", "reward"],
  },
  verifier: {
    title: "Verifier",
    text: "Real Python behind a firewall. It runs proposed programs and compares answers with what the programs really return. It is the only judge; no person and no second model is asked.",
    see: ["verdict", "reward-hacking"],
  },
  reward: {
    title: "Reward",
    text: "The number a sample is paid. A solver gets +1 for a right answer, −0.5 for a wrong one and −1 for one that cannot be read. A proposer gets 1 minus the share of tries that solved its task, and nothing if that was all or none.",
    see: ["advantage", "learnability"],
  },
  baseline: {
    title: "Baseline",
    text: "What a reward is compared with: the mean of its group. It changes nothing about which way training goes on average, but makes every step far less noisy.",
    see: ["advantage", "group"],
  },
  advantage: {
    title: "Advantage",
    text: "How much better a sample did than its group, in units of the group's spread: reward minus mean, divided by standard deviation. Warm is above the mean and is made more likely, cold is below and is made less likely.",
    see: ["reward", "baseline", "loss"],
  },
  loss: {
    title: "Loss",
    text: "The one number whose slope tells every weight which way to move. Here it is minus the advantages, averaged over all trained tokens: making warm tokens likelier and cold ones rarer makes it smaller. Its value says little; it is near zero by construction and does not fall like an exam mark.",
    see: ["advantage", "gradient-norm", "clip-fraction"],
  },
  step: {
    title: "Step",
    text: "One round of the loop: write, verify, reward, compare, and one update of the weights. The first is step 1; step 0 is the model before it.",
    see: ["update"],
  },
  update: {
    title: "Update",
    text: "The moment the weights move: the slope of the loss is computed for every weight, its length is capped, and AdamW takes one small step downhill.",
    see: ["loss", "gradient-norm", "learning-rate"],
  },
  proposer: {
    title: "Proposer",
    text: "The policy in the role of the one who invents tasks. Same weights as the solver, another prompt.",
    see: ["solver", "learnability"],
  },
  solver: {
    title: "Solver",
    text: "The policy in the role of the one who answers tasks. Same weights as the proposer, another prompt.",
    see: ["proposer"],
  },
  deduction: {
    title: "Deduction",
    text: "Given a program and an input, say what comes out.",
    see: ["abduction", "induction"],
  },
  abduction: {
    title: "Abduction",
    text: "Given a program and its output, find an input that leads there. Any input that does counts as right.",
    see: ["deduction", "induction"],
  },
  induction: {
    title: "Induction",
    text: "Given inputs and outputs, write the program. It is judged on hidden pairs too, so a list of the shown answers does not pass.",
    see: ["deduction", "abduction"],
  },
  learnability: {
    title: "Learnability",
    text: "How much a task can teach right now. A task that is never solved or always solved gives every try the same reward, so there is nothing to compare; in between there is. The proposer is paid for it.",
    see: ["proposer", "reward"],
  },
  "task-buffer": {
    title: "Task buffer",
    text: "The tasks that were proposed and ruled valid so far. Solvers practise on them and proposers vary them, so the curriculum grows out of itself.",
    see: ["proposer"],
  },
  trace: {
    title: "Trace",
    text: "An answer that writes down the value after every statement before it answers. Longer and, for this model, right far more often than answering at once.",
    see: ["forced-trace", "completion-length"],
  },
  "forced-trace": {
    title: "Forced trace",
    text: "An evaluation in which the first token of a trace is put into the model's mouth. It shows what the model can already do if only it chooses to, and so how much of a gain is choice rather than new skill.",
    see: ["trace", "held-out"],
  },
  "held-out": {
    title: "Held-out accuracy",
    text: "The share of right answers on tasks that are never trained on, answered greedily. The honest measure: rewards in training also move because the tasks change.",
    see: ["greedy"],
  },
  greedy: {
    title: "Greedy",
    text: "Always taking the most probable token. The same model gives the same answer every time.",
    see: ["temperature"],
  },
  temperature: {
    title: "Temperature",
    text: "How much chance is allowed in drawing tokens. At 1 they are drawn as the policy's probabilities say; towards 0 the most probable one always wins.",
    see: ["greedy", "entropy"],
  },
  "log-probability": {
    title: "Log-probability",
    text: "The logarithm of the probability the policy gave a token: 0 is certain, −0.7 about one half, −2.3 one tenth. Those of a completion add up.",
    see: ["entropy", "token"],
  },
  entropy: {
    title: "Entropy",
    text: "How undecided the policy is at a token, in nats; e to that power is about how many tokens it hesitates between. Falling slowly is settling; falling to zero early means that nothing new will be tried.",
    see: ["temperature", "collapse"],
  },
  kl: {
    title: "KL divergence",
    text: "How far the policy has moved from a frozen copy of where it began, in nats per token. Kelvin estimates it as e^d − d − 1, with d the difference of the two log-probabilities: never negative, and right on average.",
    see: ["reference"],
  },
  reference: {
    title: "Reference",
    text: "A frozen copy of the model as it was before training, kept to measure the distance to it. Absolute Zero keeps none.",
    see: ["kl"],
  },
  "gradient-norm": {
    title: "Gradient norm",
    text: "The length of the slope over all weights, before it is capped at 1. A spike means that one batch pulled hard; zero means that nobody had an advantage.",
    see: ["update", "loss"],
  },
  "clip-fraction": {
    title: "Clip fraction",
    text: "The share of tokens whose probability had already moved so far from the one it was sampled with that they no longer count. With one update per step the two are the same, so it stays at zero; above zero, sampling and training disagree.",
    see: ["loss"],
  },
  "learning-rate": {
    title: "Learning rate",
    text: "How far one update goes along the slope. Too small and nothing happens; too large and the policy forgets what it could.",
    see: ["update"],
  },
  "completion-length": {
    title: "Completion length",
    text: "Mean tokens of an answer. It rises when the policy takes to traces, and on its own when long answers go unpunished: look at both.",
    see: ["trace"],
  },
  "valid-rate": {
    title: "Valid rate",
    text: "The share of proposals that run, return the same twice, stay within the task language and are neither trivial nor copies.",
    see: ["proposer", "verifier"],
  },
  "program-length": {
    title: "Program length",
    text: "Mean statements of the programs that became tasks: how hard the policy makes it for itself.",
    see: ["task-buffer"],
  },
  "reward-model": {
    title: "Reward model",
    text: "A model of what somebody likes, learned from choices between two things. Here it is one weight for each number of the base's own picture of a program.",
    see: ["reward", "over-optimization"],
  },
  "over-optimization": {
    title: "Over-optimization",
    text: "Pleasing the measure and no longer what it measures: the score goes on rising while what the judge really likes stays flat or falls.",
    see: ["reward-model", "reward-hacking", "kl"],
  },
  "reward-hacking": {
    title: "Reward hacking",
    text: "Being paid without doing what was meant: an answer that fools the checker, a task that is trivial but looks hard. Optimisation finds every gap in the rules, so the rules are where safety is decided.",
    see: ["verifier", "collapse"],
  },
  collapse: {
    title: "Collapse",
    text: "The policy writes nearly the same thing whatever it is asked. Entropy near zero, few different programs, all rewards alike, and so nothing left to learn from.",
    see: ["entropy"],
  },
  "phase-times": {
    title: "Phase times",
    text: "Where the seconds of a step go. Writing is slow because each token waits for the one before; reading back and updating handle all tokens at once.",
    see: ["step"],
  },
  seed: {
    title: "Seed",
    text: "The number every random choice of a run is derived from. Same seed, same device, same run: a lesson that can be given twice.",
    see: ["run"],
  },
  run: {
    title: "Run",
    text: "One training from first to last step, with its method, model, seed and settings. Its log rebuilds everything on screen.",
    see: ["checkpoint"],
  },
  checkpoint: {
    title: "Checkpoint",
    text: "Everything needed to go on later as if nothing had happened: weights, the optimizer's memory, task buffers, random generators and the figures so far.",
    see: ["run"],
  },
  "uh-oh": {
    title: "Uh-oh moment",
    text: "The name the Absolute Zero authors gave to a worrying line of thought that one of their models wrote unasked. Nobody had rewarded it, and nobody had ruled it out.",
    see: ["reward-hacking"],
  },
} as const satisfies Readonly<Record<string, Word>>;

/** A title inside a sentence: "reward", but "KL divergence". */
export function inSentence(title: string): string {
  return /^[A-Z][A-Z]/u.test(title) ? title : title.charAt(0).toLowerCase() + title.slice(1);
}

/** The entry of a name, a method's own word among them; null where nothing is known by it. */
export function findWord(name: string): Word | null {
  return allWords().get(name) ?? null;
}

/** Every entry by name: those of the glossary, then those that the methods on this page declare. */
export function allWords(): ReadonlyMap<string, Word> {
  return new Map<string, Word>([...declaredWords(), ...Object.entries(GLOSSARY)]);
}
