/** The settings of Absolute Zero: what each is by default, means, and can be. */
import { WHITENINGS, type Whitening } from "../advantage/advantage";
import { CREDITS } from "../advantage/credits";
import type { Method, MethodConfig } from "../contracts";
import { EDGE_RULES, type EdgeRule, REWARD_SOURCES, type RewardSource } from "../reward/reward";
import { QUALITY_DEFAULTS, QUALITY_DESCRIBE, type QualityConfig } from "./quality";

const JUDGINGS = ["strict", "lenient"] as const;

/** What can be set; `describe` below says what each setting means. */
export interface AzrConfig extends MethodConfig, QualityConfig {
  readonly proposals: number;
  readonly learnabilitySamples: number;
  readonly solverTasks: number;
  readonly freshTasks: number;
  readonly seedTasks: number;
  readonly inductionStatements: number;
  readonly learningRate: number;
  readonly clip: number;
  readonly temperature: number;
  readonly trainProposer: boolean;
  readonly rewardSource: RewardSource;
  readonly judging: (typeof JUDGINGS)[number];
  readonly deduction: boolean;
  readonly abduction: boolean;
  readonly induction: boolean;
  readonly references: boolean;
  readonly longReferences: number;
  readonly composites: number;
  readonly edges: EdgeRule;
  readonly whitening: Whitening;
  readonly credit: (typeof CREDITS)[number];
  readonly complexityBonus: number;
  readonly distanceBonus: number;
  readonly surpriseBonus: number;
}

export const AZR_SETTINGS = {
  defaults: {
    proposals: 32,
    learnabilitySamples: 4,
    solverTasks: 32,
    freshTasks: 16,
    seedTasks: 64,
    inductionStatements: 2,
    learningRate: 1.5e-4,
    clip: 0.2,
    temperature: 1,
    trainProposer: true,
    rewardSource: "verifier",
    judging: "strict",
    deduction: true,
    abduction: true,
    induction: true,
    references: true,
    longReferences: 0,
    composites: 0,
    edges: "nothing",
    whitening: "samples",
    credit: "answer",
    complexityBonus: 0,
    distanceBonus: 0,
    surpriseBonus: 0,
    ...QUALITY_DEFAULTS,
  },
  describe: {
    proposals: "Tasks proposed per type and step.",
    learnabilitySamples: "Answers drawn per new task to estimate how often it is solved.",
    solverTasks: "Tasks per type and step the solver is trained on.",
    freshTasks: "At most this many of them are from this step's proposals.",
    seedTasks: "Tasks per type the untrained policy writes before the first step.",
    inductionStatements: "Longest program, in statements, that induction tasks are made of.",
    learningRate: "Peak learning rate: five warm-up steps, then linear decay to 0.3 of it.",
    clip: "How far a token's probability ratio may leave 1 before it stops counting.",
    temperature: "Sampling temperature of proposals and answers.",
    trainProposer: "Whether proposals are rewarded and trained on too.",
    rewardSource: "The verifier, or (control) coin flips.",
    judging:
      "How deductions are judged: strict, as literals, or lenient, as the published code does: answers are evaluated beside the right value and compared with ==, which a policy can use.",
    deduction: "Whether tasks that ask for the output are proposed and solved.",
    abduction: "Whether tasks that ask for an input are.",
    induction: "Whether tasks that ask for the program are.",
    references: "Whether a proposer is shown an earlier program to vary. If not, it always sees the identity.",
    longReferences: "Share of the references that are among the longest tenth of the buffer.",
    composites: "Share of the proposals that are run on what an earlier short program leaves.",
    edges: "What a task earns that is solved never or always: nothing, or −0.5, as the released code has it.",
    credit: "What is compared: whole answers, or the lines of worked deductions up to the first wrong one.",
    whitening: "What a baseline runs over: samples, or tokens, as the released code has it.",
    complexityBonus: "Weight of branches and loops in a proposer's reward. Each bonus adds at most 0.5.",
    distanceBonus: "Weight of the distance between a proposal and the program that it was shown.",
    surpriseBonus: "Weight of how rare the answer is among the tasks so far.",
    ...QUALITY_DESCRIBE,
  },
  choices: {
    rewardSource: REWARD_SOURCES,
    judging: JUDGINGS,
    edges: EDGE_RULES,
    whitening: WHITENINGS,
    credit: CREDITS,
  },
} as const satisfies Pick<Method<AzrConfig>, "defaults" | "describe" | "choices">;
