import { ONE_SHOT_LOOP } from "../figures/one-shot-loop";
import { liveAdvantage, liveRegularized } from "../live";
import type { Page } from "../page";

const PAPER = "https://arxiv.org/abs/2504.20571";

export const page: Page = {
  order: 2,
  name: "one-shot",
  method: "one-shot",
  short: "1-shot RLVR",
  title: "1-shot RLVR: a single example, over and over",
  lead: "Take one task with a checkable answer. Let the model try it again and again, reward what is right, and look at tasks it has never seen. They get better too.",
  cite: `Wang and others, *Reinforcement Learning for Reasoning in Large Language Models with One Training Example*, 2025, [arXiv 2504.20571](${PAPER}). RLVR: reinforcement learning with verifiable rewards.`,
  sections: [
    {
      id: "loop",
      title: "The loop",
      blocks: [
        {
          kind: "figure",
          figure: ONE_SHOT_LOOP,
          caption:
            "Four of the six phases; proposing and ruling have no part in it. The frozen copy is there only to measure how far the model has moved.",
        },
        "Every step asks the same task 64 times, in four {group|groups} of sixteen. The answers differ because they are drawn by chance; that difference is all there is to learn from. When all sixteen of a group agree, the group is silent.",
      ],
    },
    {
      id: "advantage",
      title: "A group of its own",
      blocks: [
        "Here the {baseline} is the mean of the tries at the same task, a rule known as GRPO. No critic and no second model: the other tries tell what was to be expected.",
        {
          kind: "formula",
          tex: "A_i=\\frac{r_i-\\operatorname{mean}(r_1,\\dots,r_G)}{\\operatorname{std}(r_1,\\dots,r_G)+\\varepsilon}",
          plain: "advantage = (reward − mean of the group) / spread of the group",
          where: [
            ["G", "samples per group: 16 here, 8 in the paper"],
            ["r_i", "{reward} of sample i"],
          ],
          live: liveAdvantage,
        },
        {
          kind: "lab",
          lab: "advantage",
          title: "a group of eight, as in the paper",
          text: "Go from *none right* to *all right*. The pull is strongest on whatever is rare, and gone at both ends.",
        },
      ],
    },
    {
      id: "loss",
      title: "Held back, and kept curious",
      blocks: [
        "Two small terms join the policy gradient. One measures the distance to the model as it was; the other pays for staying undecided, so that different answers keep being tried.",
        {
          kind: "formula",
          tex: "\\mathcal L=\\mathcal L_{\\text{policy gradient}}+\\beta\\,\\widehat{\\mathrm{KL}}-\\alpha\\,H",
          plain: "loss = policy gradient + β × distance to the frozen copy − α × entropy",
          where: [
            ["\\beta", "0.001, the weight of the distance ({kl})"],
            ["\\alpha", "0.001, the weight of the {entropy} bonus"],
            ["H", "{entropy}, the mean over all trained tokens"],
          ],
          live: liveRegularized,
        },
        {
          kind: "formula",
          tex: "\\widehat{\\mathrm{KL}}=e^{d}-d-1,\\qquad d=\\log\\pi_{\\text{reference}}-\\log\\pi_\\theta",
          plain: "KL estimate = e^d − d − 1, with d = log-probability under the frozen copy − log-probability now",
          where: [
            [
              "d",
              "how much likelier the frozen copy finds the token; the estimate is never negative and right on average",
            ],
          ],
        },
      ],
    },
    {
      id: "example",
      title: "Which example",
      blocks: [
        "In the paper, problems were ranked by how much their accuracy had varied in an earlier training, and the top one was a good choice; but random ones also gave large gains.",
        "For the shipped model it matters. An example whose quick answers are sometimes right by luck teaches to guess. Kelvin looks for a task whose *straight* answer is least likely while its worked {trace} is reliable: there, only working step by step pays. Other choices are in the table below.",
      ],
    },
    {
      id: "paper",
      title: "What the paper found",
      blocks: [
        {
          kind: "table",
          caption: "Qwen2.5-Math-1.5B: MATH500 and the mean of six mathematics benchmarks, percent (arXiv 2504.20571)",
          columns: ["trained on", "MATH500", "mean of six"],
          rows: [
            ["nothing", "36.0", "17.6"],
            ["format reward only", "65.0", "28.7"],
            ["one example (π1)", "72.8", "35.0"],
            ["one example (π13)", "73.6", "35.7"],
            ["two examples (π1, π13)", "74.8", "36.6"],
            ["1,209 examples", "73.6", "35.9"],
          ],
        },
        "One example did about what twelve hundred did. The second row matters as much: rewarding nothing but the form of the answer already explains most of the first jump. Beyond form, one example adds 8.6 points on MATH500 and 7.0 on average.",
        "The policy gradient carries it: alone it reaches 71.8, while KL and weight decay without it stay at 39.0. The entropy bonus helps, and even on its own lifts the score to 63.4 within twenty steps, again by repairing form. A wrong but guessable label (4 for 12.8) gives 57.0. And the example is mastered before step 100, while held-out scores go on rising for a thousand steps and more.",
      ],
    },
    {
      id: "here",
      title: "What happened here",
      blocks: [
        { kind: "evidence", method: "one-shot" },
        {
          kind: "table",
          caption:
            "Greedy held-out accuracy before → after 45 steps (unless it says 300) on kelvin-nano, 400 tasks per type; CPU engine on two cores (`docs/experiments/one-shot.md`)",
          columns: ["example", "seed", "deduction", "abduction", "induction"],
          rows: [
            ["the rule's", "1", ".302 → .855", ".380 → .807", ".098 → .100"],
            ["the rule's", "2", ".302 → .845", ".380 → .815", ".098 → .105"],
            ["the rule's", "3", ".302 → .848", ".380 → .820", ".098 → .100"],
            ["varied most in a training run", "1", ".302 → .850", ".380 → .807", ".098 → .083"],
            ["varied most in a training run", "2", ".302 → .855", ".380 → .797", ".098 → .092"],
            ["varied most in a training run", "3", ".302 → .833", ".380 → .795", ".098 → .087"],
            ["varies most untrained", "1", ".302 → .280", ".380 → .390", ".098 → .105"],
            ["varies most untrained", "2", ".302 → .830", ".380 → .535", ".098 → .122"],
            ["varies most untrained", "3", ".302 → .300", ".380 → .400", ".098 → .095"],
            ["varies least untrained", "1", ".302 → .823", ".380 → .802", ".098 → .100"],
            ["varies least untrained", "2", ".302 → .820", ".380 → .810", ".098 → .092"],
            ["any", "1", ".302 → .287", ".380 → .425", ".098 → .110"],
            ["any", "2", ".302 → .313", ".380 → .385", ".098 → .110"],
            ["the rule's, form rewarded", "1", ".302 → .302", ".380 → .385", ".098 → .102"],
            ["the rule's, wrong label", "1", ".302 → .302", ".380 → .385", ".098 → .102"],
            ["the rule's, entropy alone", "1", ".302 → .172", ".380 → .307", ".098 → .105"],
            ["the rule's, 300 steps", "1", ".302 → .825", ".380 → .797", ".098 → .115"],
            ["the rule's, 300 steps", "2", ".302 → .845", ".380 → .833", ".098 → .107"],
          ],
        },
        "One deduction task lifts abduction as well: what is learned is to work step by step, and that serves both. The paper's choice works here too, if it is made as in the paper: a first run trains on 128 tasks (`npm run rank` ranks them), and the one whose accuracy varied most is the example. Measured on the untrained model, variance is a gamble: the luckier a quick answer, the more it varies. Two of three seeds learn it by heart, and nothing else moves. The least varied one works, because quick answers are never right. After 30 to 40 steps the example is almost always right; then whole steps have no advantage and are skipped. The paper saw held-out scores rise long after the example was mastered; here three hundred steps add nothing. One seed loses six of a hundred held-out tasks at about step 120, the other loses none.",
        "Form and a wrong label earn exactly the same: no answer ever hits the wrong label, so in both only well-formed answers stand out, and advantages compare within a group. Entropy alone makes answers random.",
      ],
    },
    {
      id: "watch",
      title: "What to watch",
      blocks: [
        {
          kind: "list",
          items: [
            "*Training reward against held-out accuracy.* The first says that the example is mastered; only the second says that anything was learned.",
            "*Skipped steps.* A group in which all agree has nothing to compare. Many in a row are the end of the run.",
            "{kl|KL} slowly rising is moving; a leap is a warning.",
            "{entropy|Entropy}: when it reaches zero before held-out accuracy has moved, the example was learned by heart.",
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
            "*Learning by heart.* If the quick answer is sometimes right, it can simply become the habit: full marks on the example, nothing elsewhere. The contrast run above shows it.",
            "*Gibberish that is right.* After about 1,400 steps the paper's model filled its answers to the training example with text in many languages before giving the right result; its answers to other tasks stayed readable. Only the result was rewarded.",
            "*Repairing form and calling it reasoning.* A base model that often forgets the answer format gains a great deal from any reward at all. Always compare with a reward for form alone.",
            "*A checker with gaps.* With one task, one accepted wrong answer is everything. The paper's own example has a label that is slightly off: 12.8, where the exact value is about 12.7.",
            "*Silence.* At zero or at all right there is no gradient. Too hard an example never starts; too easy a one stops at once.",
          ],
        },
        "These are forms of {reward-hacking|reward hacking} in small: the number went up, and what it stood for did not. Self-play adds more of them; see [how Absolute Zero goes wrong](learn/azr/failures), uh-oh moments among them.",
      ],
    },
  ],
};
