import type { Page } from "../page";

const LIMA = "https://arxiv.org/abs/2305.11206";

export const page: Page = {
  order: 6,
  name: "sft",
  method: "sft",
  short: "Few-shot SFT",
  title: "Few-shot SFT: show, do not tell",
  lead: "Write down a few good answers and make them more likely. No reward, no search, no verifier while training. It is the oldest way, and the honest rival of every figure in this page.",
  cite: `Zhou and others, *LIMA: Less Is More for Alignment*, 2023, [arXiv 2305.11206](${LIMA}). SFT: supervised fine-tuning.`,
  sections: [
    {
      id: "loop",
      title: "The loop",
      blocks: [
        "Two phases. The model *reads* a batch of examples: a prompt and the answer to it, worked step by step. Then the weights move, so that every {token} of those answers becomes a little likelier. After the last example it begins again with the first; once through the list is an epoch.",
        "Here the tasks are the model's own proposals, checked by the {verifier}, and the answers are made by running each program line by line. Only the answers are learned from: the prompt's tokens have no gradient.",
        "They can be your own: *Tasks*, *Your pairs* takes examples that you write, a file of them, or the right answers of an earlier run. Try ten.",
      ],
    },
    {
      id: "loss",
      title: "The loss",
      blocks: [
        {
          kind: "formula",
          tex: "\\mathcal L=-\\frac{1}{\\sum_i|y_i|}\\sum_i\\sum_{t=1}^{|y_i|}\\log\\pi_\\theta(y_{i,t}\\mid x_i,y_{i,<t})",
          plain: "loss = minus the mean log-probability of the answers' tokens",
          where: [
            ["x_i", "the prompt of example i"],
            ["y_{i,t}", "token t of its answer, the end token included"],
          ],
        },
        "Most tokens of a worked answer are likely already: the model could always work step by step. One of about thirty is not, and that is the first, which decides to do so. Open an example in Play: the tokens that the model finds unlikely carry the loss.",
      ],
    },
    {
      id: "paper",
      title: "What the paper found",
      blocks: [
        "A model of 65 billion parameters was fine-tuned on 1,000 chosen prompts with careful answers, and nothing else. People liked its answers as much as those of GPT-4, or better, in 43 % of cases. The authors conclude that nearly all knowledge comes from pre-training; a few examples teach the form in which to give it.",
        "Two of their findings carry over. Quality and variety of the examples count for more than number: doubling them changed nothing. And the loss on held-out answers misleads: answers went on getting better while it rose. So checkpoints are chosen by what the model writes.",
      ],
    },
    {
      id: "here",
      title: "What happened here",
      blocks: [
        { kind: "evidence", method: "sft" },
        {
          kind: "table",
          caption:
            "Greedy held-out accuracy after 48 updates (32 pairs: 40) on kelvin-nano, 400 tasks per type, seeds 1 to 3; CPU engine on two cores (`docs/experiments/sft.md`). Before: .302 and .380",
          columns: ["examples", "deduction", "abduction"],
          rows: [
            ["256 worked", ".845, .828, .850", ".807, .805, .805"],
            ["32 worked", ".813, .738, .785", ".772, .725, .733"],
            ["256 bare answers", ".258, .297, .310", ".383, .405, .403"],
            ["256 with wrong values", ".522, .453, .448", ".662, .613, .605"],
          ],
        },
        "The claim holds in miniature: what the examples teach is the form, a worked answer, and the skill was there. As many bare answers teach nothing. Worked answers with *wrong* values raise accuracy as well: the form comes with them, and most of the values that the model knew stay.",
      ],
    },
    {
      id: "watch",
      title: "What to watch",
      blocks: [
        {
          kind: "list",
          items: [
            "{held-out|Held-out} accuracy, not the loss. The loss goes on falling when nothing is gained any more.",
            "Set it beside Absolute Zero in Compare. It gets there sooner, and somebody had to write the examples.",
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
            "*Learned by heart.* Few pairs many times: the loss goes to zero, and the skill that was there is eaten.",
            "*The wrong lesson.* The model copies whatever all examples share. If all are short, it becomes short; if all have wrong values, it has no reason to prefer right ones.",
            "*Nothing beyond the examples.* What nobody wrote down, and the model never does by itself, is not learned. Rewards can find it, if it happens at all.",
          ],
        },
      ],
    },
  ],
};
