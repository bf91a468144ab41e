import { liveAdvantage } from "../live";
import type { Page } from "../page";

const PAPER = "https://arxiv.org/abs/2504.02495";

export const page: Page = {
  order: 9,
  name: "grm",
  method: "grm",
  short: "GRM",
  title: "GRM: a judge that writes why",
  lead: "A reward model can be a number, or a text. This one writes what counts, checks a try line by line and then gives a score. It can be asked again: many judgements of one try, added up, are right more often than one.",
  cite: `Liu and others, *Inference-time scaling for generalist reward modeling*, 2025, [arXiv 2504.02495](${PAPER}).`,
  sections: [
    {
      id: "loop",
      title: "The loop",
      blocks: [
        {
          kind: "list",
          items: [
            "*Try.* Before the first step the model answers tasks of its own and varies programs. From each task two tries are kept, of which rules say which is the better: right before wrong, then a complete {trace} before none, then the shorter program.",
            "*Read.* The untrained judge judges every query three times. What it got right once or twice is kept, and in the first steps it reads these judgements. What it got right three times is too easy; what it never got right is left out.",
            "*Judge.* Then each step draws queries and judges both tries several times. Rules say which score should be the higher.",
          ],
        },
        "Four kinds of query have one judge: answers to deductions, answers to abductions, programs for an induction, and proposals. What counts depends on the kind, and the judge must say so first: `value lines` for a deduction, `runs varied` for a proposal.",
      ],
    },
    {
      id: "judgement",
      title: "A judgement",
      blocks: [
        {
          kind: "list",
          items: [
            "`<rule>` and what counts, in two words;",
            "`<check>` and every line again, from the value before it: the value that it should leave, then `ok`, or `no` and the value that the try has;",
            "`<score>` and a number from 0 to 10.",
          ],
        },
        "A line is checked from the value that stands before it. That is one step of arithmetic. To solve the task, all of them must be right one after another. So a model may judge programs that it cannot solve.",
        "The paper shows the judge all tries together, in random order. This one sees one try at a time, and of two the higher score wins. So it cannot prefer the first one, and nothing has to be shuffled.",
      ],
    },
    {
      id: "reward",
      title: "The reward",
      blocks: [
        {
          kind: "formula",
          tex: "R=\\begin{cases}+1&S_{\\text{better}}>S_{\\text{worse}}\\\\-1&\\text{else}\\end{cases}\\qquad A_i=\\frac{R_i-\\bar R}{\\sigma_R}",
          plain:
            "reward = +1 if the better try has the strictly higher score, else −1; advantage = (reward − mean) / deviation",
          where: [
            ["S", "the score of a judgement; a tie is wrong"],
            ["R_i", "the mean over all judgements of the other try"],
            ["\\sigma_R", "the deviation of the judgements of one try"],
          ],
          live: liveAdvantage,
        },
        "Nothing pays for the format. The {kl|distance} from the base holds it.",
      ],
    },
    {
      id: "votes",
      title: "Votes",
      blocks: [
        {
          kind: "formula",
          tex: "S^{*}_i=\\sum_{j=1}^{k}S_{i,j}",
          plain: "the sum of k scores of each try; the largest sum wins",
          where: [
            ["k", "judgements of each try, drawn at temperature 1"],
            ["S_{i,j}", "the score that judgement j gives to try i"],
          ],
        },
        "Four scores 8, 9, 7 and 8 make 32; four scores 6, 7, 7 and 6 make 26. One score has 11 levels, k of them have 10 k + 1, so ties become rare. A round with a judgement that cannot be read does not vote; equal sums draw.",
        {
          kind: "lab",
          lab: "votes",
          title: "let them vote",
          text: "Judgements of two tries at one query, from the run on screen. Drag the number of votes. The rules say which try is the better.",
        },
        "Votes help while judgements err independently. Where most of them make the same mistake, more of them only repeat it. That is why the curve bends: the queries that are left are those with a wrong majority.",
        "A *meta reward model* reads judgements and says which to trust: a few weights on what the model makes of the text, and on its log-probabilities, fitted to pairs of a right and a wrong judgement *of the same query*. Pairs from different queries would only teach it which queries are hard. The control needs no fitting: keep the half that the judge itself finds most probable.",
      ],
    },
    {
      id: "paper",
      title: "What the paper found",
      blocks: [
        {
          kind: "table",
          caption: "Mean over four benchmarks of reward models, judge of 27 billion parameters (arXiv 2504.02495)",
          columns: ["judge", "greedy", "1 vote", "8 votes", "32 votes"],
          rows: [
            ["after fine-tuning", "68.8", "67.8", "69.3", "–"],
            ["after reinforcement learning", "69.9", "67.9", "70.6", "71.0"],
            ["the same, votes guided by a meta reward model", "–", "–", "72.0", "72.8"],
          ],
        },
        "Without principles the greedy score was 67.5. The printed gains of votes are against one sampled judgement; against a greedy one they are smaller by two points. On tasks that a program can check, a plain reward model did better.",
      ],
    },
    {
      id: "here",
      title: "What happened here",
      blocks: [
        { kind: "evidence", method: "grm" },
        "Long runs are still to be made: what the sections above claim of votes, meta reward models and long programs is not measured here yet.",
      ],
    },
    {
      id: "watch",
      title: "What to watch",
      blocks: [
        {
          kind: "list",
          items: [
            "*Right judgements.* It counts queries that were not always right before, so it starts near one half.",
            "*Ties.* A judge that gives everything the same score is never strictly right, and learns nothing.",
            "*Readable.* It should stay near 1, though nothing pays for it.",
            "On programs of five to eight statements: pairs that the judge orders rightly (`long6/judge`) beside tasks that the same model solves (`long6/solver`). An answer that is right by luck counts as wrong in both.",
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
            "*Distance for free.* Set `klCoefficient` to 0: the paper saw judges collapse to constant scores. Watch the ties.",
            "*Hints alone.* Set `hints` to `only`: the judge is told each score, and learns to write it whatever its check says.",
            "*No reasons.* Set `judgement` to `score`: the same judge without principles and checks. The difference is what the reasons are worth.",
            "*Copies.* Set `copies`: all votes are copies of one judgement, and the curve over k is flat. Votes are worth something because they differ.",
          ],
        },
        "A judge that is trained by rules is as good as the rules. Where a {verifier} can rule, it is the better judge; a judge is for what no verifier can check.",
      ],
    },
  ],
};
