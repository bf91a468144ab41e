import { liveAdvantage } from "../live";
import type { Page } from "../page";

const INSTRUCT = "https://arxiv.org/abs/2203.02155";
const OVER = "https://arxiv.org/abs/2210.10760";

export const page: Page = {
  order: 7,
  name: "rlhf",
  method: "rlhf",
  short: "RLHF",
  title: "RLHF: somebody says what is better",
  lead: "No test can say which of two programs is nicer. A person can. A reward model learns from such choices, and the policy learns to please the reward model. That is how chat models became polite, and why they flatter.",
  cite: `Ouyang and others, *Training language models to follow instructions with human feedback*, 2022, [arXiv 2203.02155](${INSTRUCT}); Gao, Schulman and Hilton, *Scaling laws for reward model overoptimization*, 2022, [arXiv 2210.10760](${OVER}).`,
  sections: [
    {
      id: "loop",
      title: "The loop",
      blocks: [
        {
          kind: "list",
          items: [
            "*Choose.* The untrained model writes programs. Somebody sees two of them, with an input and what comes out, and says which is better. That happens before the first step.",
            "*Fit.* After each choice the {reward-model|reward model} is fitted anew, in milliseconds. It reads what the frozen base makes of a program, one number per dimension, and weighs these numbers.",
            "*Train.* Each step the model writes programs, the reward model scores them, and the {policy} moves towards what scores well and stays near the base.",
          ],
        },
        "Nothing here is right or wrong. The {verifier} only says whether a program can be shown at all.",
      ],
    },
    {
      id: "model",
      title: "The reward model",
      blocks: [
        {
          kind: "formula",
          tex: "P(a\\succ b)=\\sigma(r_a-r_b)\\qquad\\mathcal L=-\\log\\sigma(r_{\\text{chosen}}-r_{\\text{other}})",
          plain:
            "probability that a is preferred = σ(score of a − score of b); loss = −log of it for the one that was chosen",
          where: [
            ["r_a", "the score of program a: weights times the mean of layer 2 over its tokens"],
            ["\\sigma", "the logistic function, 1 / (1 + e^−x)"],
          ],
        },
        "Only differences are learned, so scores are shown with the base's mean as 0 and its deviation as 1. Before each choice the model says what it expects. How often that comes true is the fairest accuracy there is: it needs no held-out pairs.",
      ],
    },
    {
      id: "policy",
      title: "The policy",
      blocks: [
        {
          kind: "formula",
          tex: "R=r-\\beta\\,\\log\\frac{\\pi_\\theta(y\\mid x)}{\\pi_{\\text{base}}(y\\mid x)}\\qquad A_i=R_i-\\frac{1}{k-1}\\sum_{j\\ne i}R_j",
          plain: "reward = score − β × log-ratio to the base; advantage = reward − mean of the others of the group",
          where: [
            ["\\beta", "what one nat away from the base costs"],
            ["k", "programs per prompt: 4"],
          ],
          live: liveAdvantage,
        },
        "Without the {kl|distance} term nothing holds the policy to programs that the reward model has seen. Two things cost three deviations: a program that cannot be shown, and one that was written before in the same step. Otherwise the policy would write its best program over and over.",
      ],
    },
    {
      id: "paper",
      title: "What the papers found",
      blocks: [
        "People preferred the answers of a model of 1.3 billion parameters that was trained so to those of the untrained one of 175 billion. 33,000 prompts with ranked answers were enough.",
        "The second paper let a large reward model play the person, so that truth was known. The small reward model's score rose and rose; the truth rose, turned and fell. Measured by d, the square root of the distance, it followed a simple law.",
        {
          kind: "formula",
          tex: "R_{\\text{gold}}(d)=d\\,(\\alpha-\\beta\\log d)\\qquad d=\\sqrt{\\operatorname{KL}(\\pi\\,\\|\\,\\pi_{\\text{base}})}",
          plain: "what the judge really likes = d × (α − β log d), with d the square root of the distance",
          where: [
            ["\\alpha", "how well the reward model's first advice is"],
            ["\\beta", "how fast it goes stale; another β than the price above"],
          ],
        },
      ],
    },
    {
      id: "here",
      title: "What happened here",
      blocks: [
        { kind: "evidence", method: "rlhf" },
        {
          kind: "table",
          caption:
            "After 60 steps on kelvin-nano, CPU engine on two cores (`docs/experiments/rlhf.md`). What the judge likes began at −0.1; the base's own writing scores 0",
          columns: ["learned from", "seed", "judge likes", "model scores", "nats away", "wins over the base"],
          rows: [
            ["128 choices", "1", "1.09", "1.63", "4.7", "95 %"],
            ["128 choices", "2", "0.70", "2.24", "8.4", "83 %"],
            ["128 choices", "3", "0.84", "3.53", "9.3", "86 %"],
            ["512 choices", "1", "1.06", "1.90", "5.2", "92 %"],
            ["512 choices", "2", "0.80", "1.90", "5.8", "88 %"],
            ["512 choices", "3", "0.77", "2.79", "9.2", "86 %"],
            ["32 choices", "1", "0.80", "3.11", "7.5", "80 %"],
            ["32 choices", "2", "0.18", "2.89", "8.5", "64 %"],
            ["32 choices", "3", "1.02", "2.47", "7.6", "94 %"],
            ["the judge itself", "1", "1.06", "1.41", "4.3", "91 %"],
            ["the judge itself", "2", "1.06", "1.40", "4.4", "89 %"],
            ["the judge itself", "3", "1.03", "2.14", "4.2", "81 %"],
            ["coin flips", "1", "0.56", "2.53", "11.2", "73 %"],
            ["coin flips", "2", "−0.34", "3.41", "12.6", "42 %"],
            ["32 choices, distance free, 150 steps", "1", "0.60", "4.02", "21.8", "83 %"],
            ["32 choices, distance free, 150 steps", "2", "−0.79", "3.84", "22.8", "33 %"],
          ],
        },
        "The judge itself as reward lifts the liking by 1.1 at four nats, whatever the seed. A reward model of 128 choices gets most of that and goes further from the base for it. One of 32 choices is a matter of luck: 0.2 to 1.0. With distance for free the score passes three and a half deviations in both seeds while the judge ends indifferent or dislikes what it sees. Coin flips go either way, by 0.7 up and 0.2 down: the policy obeys whatever the reward model found in them.",
        "There is a way without training: let the base write many programs and take the one that the reward model scores highest. After 128 choices the best of 16, at 1.8 nats, is liked better than a program at random in 85, 85 and 90 %, the best of 64, at 3.2 nats, in 91, 96 and 94 % (`docs/experiments/best-of-n.md`, three seeds). Training wins 95, 83 and 86 % at 5 to 9 nats: it is no better judge, but it has to write only once.",
        "The judge is simulated unless you choose to be it. The one named `mixed` likes lists, conditions and loops, and about two statements; it dislikes `%`; and where two programs are close it errs. So a curve can show what no experiment with people can: what the judge really likes, beside what the reward model thinks.",
      ],
    },
    {
      id: "watch",
      title: "What to watch",
      blocks: [
        {
          kind: "list",
          items: [
            "*Reward model* and *what the judge thinks*, together. When the first rises alone, the policy has learned to please a formula.",
            "*Distance from the base.* All that is gained is paid with it.",
            "{valid-rate|Valid rate}. A program that cannot be shown cannot be liked.",
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
            "{over-optimization|Over-optimization}. Set `choices` to 32 and `klCoefficient` to 0 and let it run: the score climbs long after the judge has stopped caring.",
            "*A judge without a taste.* Choose `coin`: the reward model finds something to like all the same, and the policy obeys.",
            "*Judging the last token.* Nothing follows the end of a program, so what a model thinks there was never trained. The mean over all of its tokens tells far more.",
          ],
        },
        "It is {reward-hacking|reward hacking} once more; the checker is a taste.",
      ],
    },
  ],
};
