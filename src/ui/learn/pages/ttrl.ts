import { ONE_SHOT_LOOP } from "../figures/one-shot-loop";
import { liveAdvantage } from "../live";
import type { Page } from "../page";

const PAPER = "https://arxiv.org/abs/2504.16084";

export const page: Page = {
  order: 4,
  name: "ttrl",
  method: "ttrl",
  short: "TTRL",
  title: "TTRL: learning without answers",
  lead: "Take questions without answers. Let the model answer each many times, and count the majority of its own answers as right. If it is right more often than it errs in any one way, it can pull itself up. If not, it talks itself into an error.",
  cite: `Zuo and others, *TTRL: Test-Time Reinforcement Learning*, 2025, [arXiv 2504.16084](${PAPER}).`,
  sections: [
    {
      id: "loop",
      title: "The loop",
      blocks: [
        {
          kind: "figure",
          figure: ONE_SHOT_LOOP,
          caption:
            "As with a single example, but where the verifier gave rewards, the answers vote now. The verifier looks on, and nothing learns from it.",
        },
        "Every step asks sixteen prompts, sixteen times each. The sixteen answers are one {group}. Answers that cannot be read do not vote; equal values count as one, however they are spelt; a tie elects nobody, and the prompt teaches nothing.",
      ],
    },
    {
      id: "vote",
      title: "The vote is the label",
      blocks: [
        {
          kind: "formula",
          tex: "r_i=\\begin{cases}1&\\text{if }y_i=\\operatorname{majority}(y_1,\\dots,y_N)\\\\0&\\text{otherwise}\\end{cases}",
          plain: "reward = 1 for an answer that equals the majority of its group, else 0",
          where: [
            ["y_i", "the value of answer i"],
            ["N", "answers per prompt: 16 here, 64 in the paper"],
          ],
        },
        "A wrong label does less harm than it seems. If the model errs in many ways, most wrong answers differ from a wrong label too, and rightly earn nothing. The paper calls it a lucky hit: with 37 % of the labels right, 92 % of the rewards were.",
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
      id: "paper",
      title: "What the paper found",
      blocks: [
        {
          kind: "table",
          caption: "Accuracy in percent, trained on the questions of the test without their answers (arXiv 2504.16084)",
          columns: ["model", "test", "before", "after"],
          rows: [
            ["Qwen2.5-Math-7B", "AIME 2024", "12.9", "40.2"],
            ["Qwen2.5-Math-1.5B", "MATH-500", "32.7", "73.0"],
          ],
        },
        "The result comes close to training with the true answers, and passes the majority vote of the untrained model by far. It needs a model that knows something already: the harder the questions, the smaller the gain.",
      ],
    },
    {
      id: "here",
      title: "What happened here",
      blocks: [
        { kind: "evidence", method: "ttrl" },
        {
          kind: "table",
          caption:
            "Greedy held-out accuracy after 40 updates on kelvin-nano, 400 tasks per type, seeds 1 to 3; CPU engine on two cores (`docs/experiments/ttrl.md`). Before: .302 and .380",
          columns: ["what votes, and the label", "deduction", "abduction"],
          rows: [
            ["deductions, the majority", ".825, .840, .833", ".820, .818, .797"],
            ["deductions, the true answer", ".830, .853, .838", ".800, .813, .800"],
            ["deductions, coin flips", ".290, .255, .313", ".370, .360, .370"],
            ["abductions, the majority, unwatched", ".307, .305, .305", ".313, .302, .383"],
          ],
        },
        "Deductions have one right answer and many wrong ones, so the vote finds it, and working step by step wins. Abductions have many right inputs: votes split, and what most answers agree on is often an easy guess.",
      ],
    },
    {
      id: "watch",
      title: "What to watch",
      blocks: [
        {
          kind: "list",
          items: [
            "*Majority* and {trace|trace share} together. Both rising is learning. The majority rising while traces become rare is collapse.",
            "*What a trace earns* more than a bare answer, by the votes alone. Above 0 traces spread, below 0 they vanish: the sign of the first steps foretells the run.",
            "*Labels that are true.* It is looked up beside the run. In real use nobody could look.",
            "{held-out|Held-out} accuracy, on other tasks than those that vote.",
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
            "*Self-confirmation.* What most answers say becomes what all answers say, right or wrong. Set the task types to `abduction` and watch. The monitor reads no label: it ends the run when answers agree more and traces become rare.",
            "*Blank votes.* If unreadable answers vote, or their empty text wins, the model learns to write nothing.",
            "*Two spellings of one value* split the vote of those who are right.",
            "*A cold model.* At a low temperature all answers are alike, and there is nothing to vote about.",
          ],
        },
        "It is {reward-hacking|reward hacking} without a checker to fool: the model fools itself.",
      ],
    },
  ],
};
