import { LADDER_LOOP } from "../figures/ladder-loop";
import { liveAdvantage } from "../live";
import type { Page } from "../page";

const PAPER = "https://arxiv.org/abs/2503.00735";

export const page: Page = {
  order: 5,
  name: "ladder",
  method: "ladder",
  short: "LADDER",
  title: "LADDER: building one's own steps",
  lead: "A task that is never solved teaches nothing: every reward is the same. So let the model make the task easier, and that one easier still, until it reaches what it can do. Then it practises its way back up.",
  cite: `Simonds and Yoshiyama, *LADDER: Self-Improving LLMs Through Recursive Problem Decomposition*, 2025, [arXiv 2503.00735](${PAPER}).`,
  sections: [
    {
      id: "loop",
      title: "The loop",
      blocks: [
        {
          kind: "figure",
          figure: LADDER_LOOP,
          caption:
            "The tree is built once, before the first step. Python runs every variant, so that its answer is known and none is worthless.",
        },
        "Ten programs of eight statements are the roots. From each the model writes variants: `<easy>`, the program, the input, and it answers with an easier program. Variants of variants make a tree; after five rounds it has hundreds of tasks, or thousands with `branches=100`.",
        "The {verifier} admits a variant if it runs, is not there already, is not held out, and if no statement of it is idle: otherwise an answer that skips the statement would be right by luck, and luck would be paid.",
      ],
    },
    {
      id: "rungs",
      title: "Up the rungs",
      blocks: [
        "Tasks of one length are a *rung*. Each step draws from all of them, as published: the short ones are solved soon, and what they teach makes the longer ones solvable sometimes. `order=rungs` climbs instead: half of each step from the highest open rung, half from below, and the next opens when six of ten answers are right.",
        {
          kind: "formula",
          tex: "r=\\begin{cases}1&\\text{right, and the trace has every statement}\\\\-\\tfrac12&\\text{otherwise, if it can be read}\\\\-1&\\text{if not}\\end{cases}",
          plain:
            "reward = 1 for a right answer whose trace has every statement, −0.5 for any other that can be read, else −1",
          where: [["r", "{reward} of one answer"]],
        },
        {
          kind: "formula",
          tex: "A_i=\\frac{r_i-\\operatorname{mean}(r_1,\\dots,r_N)}{\\operatorname{std}(r_1,\\dots,r_N)+\\varepsilon}",
          plain: "advantage = (reward − mean of the group) / spread of the group",
          where: [["r_i", "{reward} of answer i"]],
          live: liveAdvantage,
        },
      ],
    },
    {
      id: "lines",
      title: "Line by line",
      blocks: [
        "An answer of six lines fails at one of them, and its reward blames all. `credit=line` compares lines instead: each with the same line of the group's other answers, up to the first that is wrong. Python says where that is, by running the program statement by statement.",
        {
          kind: "formula",
          tex: "A_{i,k}=r_{i,k}-\\operatorname{mean}_{j}(r_{j,k}),\\qquad r_{i,k}=\\begin{cases}1&\\text{line }k\\text{ is right}\\\\0&\\text{it is the first wrong one}\\end{cases}",
          plain:
            "advantage of line k = its reward (1 if right, 0 if it is the first wrong one) minus the mean over the answers that got so far; none after it",
          where: [
            ["r_{i,k}", "{reward} of line k of answer i"],
            ["A_{i,k}", "{advantage} of its tokens"],
          ],
        },
        "Lightman et al. ([arXiv 2305.20050](https://arxiv.org/abs/2305.20050)) rewarded steps with a model that people had taught; here an interpreter knows.",
      ],
    },
    {
      id: "integrals",
      title: "Integrals",
      blocks: [
        "The paper's hard tasks are integrals. With the model kelvin-nano-integrals the same method works on those: ten integrands of eight terms, easier ones by the model, answers that are functions. The verifier compares numbers, not formulas: on five short intervals the answer must grow by what the integrand adds up to.",
        {
          kind: "formula",
          tex: "\\left|F(b)-F(a)-\\int_a^b f\\right|\\le10^{-9}+10^{-9}\\left|\\int_a^b f\\right|",
          plain:
            "the difference between F(b) − F(a) and the integral of f from a to b is at most 1e-9 plus 1e-9 of the integral",
          where: [
            ["f", "the integrand"],
            ["F", "the answer"],
          ],
        },
        "An interval beside a pole is passed over: there is no number to compare. The published check allows an error of 1 %, which a good approximation passes, and has no absolute bound, so that rounding fails it where the integral is zero.",
      ],
    },
    {
      id: "test-time",
      title: "At test time",
      blocks: [
        "The preset `test-time` takes one unsolved root after another. Each gets variants of its own, all of them shorter, and thirty updates; then weights and moments go back, to the bit, to what they were. Three shares are told: right at the end, right in any answer on the way (which only somebody with a {verifier} can count), and right in any of as many answers of the untrained model.",
      ],
    },
    {
      id: "paper",
      title: "What the paper found",
      blocks: [
        {
          kind: "table",
          caption: "Undergraduate integrals, Llama 3.2 3B, percent right on 100 held-out ones (arXiv 2503.00735)",
          columns: ["trained on", "right"],
          rows: [
            ["nothing", "1"],
            ["ten integrals, without variants", "at most 3, then collapse"],
            ["ten integrals and their trees", "82"],
          ],
        },
      ],
    },
    {
      id: "here",
      title: "What happened here",
      blocks: [
        { kind: "evidence", method: "ladder" },
        {
          kind: "table",
          caption:
            "Right with a whole trace, percent of 200 held-out tasks per length, forced to show the work, before → after 150 steps on kelvin-nano-2; five hundred variants a root, CPU engine on two cores (`docs/experiments/ladder.md`)",
          columns: ["practised on", "up to 4 statements", "5", "6", "7", "8"],
          rows: [
            ["LADDER, seed 1", "88 → 86", "59 → 65", "35 → 64", "13 → 39", "4 → 11"],
            ["LADDER, seed 2", "88 → 87", "59 → 67", "35 → 55", "13 → 35", "4 → 9"],
            ["LADDER, seed 3", "88 → 83", "59 → 62", "35 → 54", "13 → 36", "4 → 10"],
            ["the roots alone, seed 1", "88 → 69", "59 → 32", "35 → 21", "13 → 10", "4 → 4"],
          ],
        },
        "Nobody showed the model a worked program that it had not written. It solved a third of the programs of six statements, and now solves more than half. Of seven statements it solved an eighth, and now more than a third. Short programs suffer a little. Of eight statements it solves one in ten, where the paper's numbers promise more. With 70 variants a root and half as many answers a step (and a model that found lines by their place) six statements gained nothing that two seeds agreed on.",
        {
          kind: "table",
          caption:
            "Right integrals, percent of 200 held-out ones per number of terms, before → after 150 steps on kelvin-nano-integrals, seed 1; CPU engine on two cores (`docs/experiments/ladder-integrals.md`)",
          columns: ["practised on", "5", "6", "7", "8"],
          rows: [
            ["LADDER", "91 → 96", "48 → 65", "13 → 36", "2 → 7"],
            ["variants by rule", "91 → 89", "48 → 58", "13 → 27", "2 → 3"],
            ["the roots alone", "91 → 69", "48 → 32", "13 → 4", "2 → 1"],
          ],
        },
        "As in the paper, the roots alone do harm, and variants are what helps; those that the model writes help more than those made by rule. With 70 variants a root in place of 300, and half as many answers a step, the gain at six terms was 10 points, not 17.",
      ],
    },
    {
      id: "watch",
      title: "What to watch",
      blocks: [
        {
          kind: "list",
          items: [
            "*Rung.* The length of the shortest tasks that are not mostly solved yet; it climbs.",
            "*Solved on this rung.* The share on the next one: at 0.6 the rung above takes its place, and the share falls.",
            "{trace|Trace share} first: only an answer that is worked out can be whole, so the habit comes within the first steps.",
            "{completion-length|Completion length} grows with the rung: a line for each statement.",
          ],
        },
      ],
    },
    {
      id: "failures",
      title: "How it goes wrong",
      blocks: [
        {
          kind: "list",
          items: [
            "*Roots alone.* Set `variants` to `none`: hardly an answer is right, no group has a difference, and nothing is learned.",
            "*Luck is paid.* With `reward=answer` and `rejectRedundant=false` an answer that skips what does not matter earns as much as one that works it out.",
            "*Variants that are no easier.* A change of a constant keeps the length. It does no harm on a rung, and it is no step down.",
          ],
        },
      ],
    },
  ],
};
