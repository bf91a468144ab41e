import { AZR_LOOP } from "../figures/azr-loop";
import { liveAdvantage, liveLearnability, liveTerm } from "../live";
import type { Page } from "../page";

const PAPER = "https://arxiv.org/abs/2505.03335";

export const page: Page = {
  order: 1,
  name: "azr",
  method: "azr",
  short: "Absolute Zero",
  title: "Absolute Zero: it invents its own lessons",
  lead: "One model plays two roles. As {proposer} it writes small programs that are neither too easy nor too hard for itself; as {solver} it answers them. Python is the only judge. No data, no labels, no teacher.",
  cite: `Zhao and others, *Absolute Zero: Reinforced Self-play Reasoning with Zero Data*, 2025, [arXiv 2505.03335](${PAPER}).`,
  sections: [
    {
      id: "loop",
      title: "The loop",
      blocks: [
        {
          kind: "figure",
          figure: AZR_LOOP,
          caption:
            "The six phases of a step, numbered as in Play; the one that is on is lit. Both roles are the same weights with different prompts, so one {update} moves both.",
        },
        "Every task is a triplet: a program, an input, and the output that Python finds. Hide one of the three and you have a task. {deduction|Deduction} asks for the output, {abduction|abduction} for an input that leads to it, {induction|induction} for the program itself.",
        {
          kind: "list",
          ordered: true,
          items: [
            "*Propose.* The model varies a program from the {task-buffer} and picks an input, 32 times for each of the three types.",
            "*Verify.* Python runs each program twice, then in another heap under another hash seed. Constants, copies, leaks, crashes and anything that does not return the same twice are refused, with the reason.",
            "*Solve.* The model tries each new task four times, only to see how often it succeeds, and answers 32 tasks per type, new and old, to be trained on.",
            "*Reward.* Right +1, wrong −0.5, unreadable −1. Then the proposer is paid for {learnability}.",
            "*Advantage.* Each reward is compared with those of the same role and task type: six baselines.",
            "*Update.* One small step for all of it.",
          ],
        },
      ],
    },
    {
      id: "learnability",
      title: "What the proposer is paid for",
      blocks: [
        "If a task is always solved, every try earns the same and nothing can be compared. If it is never solved, the same. A task is worth something in between, and more the rarer success is.",
        {
          kind: "formula",
          tex: "r_{\\text{propose}}=\\begin{cases}1-\\bar r_{\\text{solve}}&\\text{if }0<\\bar r_{\\text{solve}}<1\\\\0&\\text{otherwise}\\end{cases}",
          plain: "reward of the proposer = 1 − solve rate, and 0 if the task was solved never or always",
          where: [
            ["\\bar r_{\\text{solve}}", "the share of tries that solved the task: four tries here, eight in the paper"],
          ],
          live: liveLearnability,
        },
        {
          kind: "lab",
          lab: "learnability",
          title: "which difficulty pays?",
          text: "The solve rate is only estimated from a few tries, so very hard tasks often look impossible and earn nothing. That moves the best difficulty away from the edge.",
        },
        "So the aim is not *as hard as possible*. With four tries the best task is solved about 37 % of the time, with the paper's eight about 26 %. As the solver improves, the same task becomes too easy to pay, and the proposer has to move on: a curriculum nobody wrote.",
      ],
    },
    {
      id: "advantage",
      title: "Six baselines",
      blocks: [
        "Deduction may be easy this week and induction hard; proposing earns other amounts than solving. Comparing all of them with one mean would praise whoever has the easy job. *Task-relative REINFORCE++* keeps one mean and one spread for each role and task type.",
        {
          kind: "formula",
          tex: "A_i=\\frac{r_i-\\mu_{\\text{role},\\text{type}}}{\\sigma_{\\text{role},\\text{type}}+\\varepsilon}",
          plain: "advantage = (reward − mean of its role and type) / spread of its role and type",
          where: [
            ["\\mu,\\sigma", "mean and standard deviation of the rewards of one of the six {group|groups}"],
            ["\\varepsilon", "0.0001"],
          ],
          live: liveAdvantage,
        },
        {
          kind: "lab",
          lab: "advantage",
          title: "rewards of one group",
          text: "The same arithmetic as in the run, with +1, −0.5 and −1 to choose from.",
        },
        {
          kind: "formula",
          tex: "\\mathcal L=-\\frac1T\\sum_i\\sum_t\\min\\big(\\rho_{i,t}A_i,\\ \\operatorname{clip}(\\rho_{i,t},1-\\epsilon,1+\\epsilon)\\,A_i\\big)",
          plain:
            "loss = −(1 / all tokens) × sum over tokens of the smaller of ratio × advantage and clipped ratio × advantage",
          where: [
            ["\\rho", "probability now over probability when sampled; 1 here, because each step makes one update"],
            ["\\epsilon", "0.2: how far the ratio may go before it stops counting, see {clip-fraction}"],
            ["T", "all trained tokens of the step"],
          ],
          live: liveTerm,
        },
      ],
    },
    {
      id: "paper",
      title: "What the paper found",
      blocks: [
        {
          kind: "table",
          caption: "Mean of code and mathematics benchmarks in percent, before and after (arXiv 2505.03335, §4)",
          columns: ["model", "before", "after", "change"],
          rows: [
            ["Qwen2.5-3B-Coder", "35.0", "40.7", "+5.7"],
            ["Qwen2.5-7B", "39.8", "46.8", "+7.0"],
            ["Qwen2.5-7B-Coder", "40.2", "50.4", "+10.2"],
            ["Qwen2.5-14B-Coder", "40.1", "53.3", "+13.2"],
            ["Llama3.1-8B", "16.0", "19.2", "+3.2"],
          ],
        },
        "Training on self-made code tasks helped with mathematics too, and more the larger and the more code-minded the model was. Leaving parts out of the 7B run (46.8) shows what carries it: 43.3 with deduction alone, 43.8 without induction, 43.8 when proposals are not conditioned on earlier programs, 45.4 when the proposer is not trained.",
        {
          kind: "aside",
          title: "Kelvin is not the paper",
          text: "Its model has 0.8 million parameters, not billions, and its programs a few lines. Three more differences: advantages count every *sample* once, where the released code lets long answers weigh more; proposals solved always or never earn 0, where that code gives −0.5; and answers are read as literals and never run, where it evaluates them.",
        },
      ],
    },
    {
      id: "here",
      title: "What happened here",
      blocks: [
        { kind: "evidence", method: "azr" },
        "The share of traces climbs first, the accuracy of sampled answers with it. Greedy accuracy waits and then jumps, when traces become the likelier of the two ways. After that it stays near what forced traces reached before training: the gain is the choice to work step by step. {induction|Induction} has no trace to switch to and does not move.",
        "A control with rewards drawn by a coin: on fixed tasks all three types stay within 3.5 points. With new tasks at every step this model loses at most 2.3 points, and another model of the same shape five to seven points of induction. Adam turns pure noise into full-sized steps; at a tenth of the learning rate nothing falls. `docs/figures.md` has the table and the commands.",
      ],
    },
    {
      id: "watch",
      title: "What to watch",
      blocks: [
        {
          kind: "list",
          items: [
            "*Proposer reward* should stay above zero. Falling to zero means that its tasks are all too easy or all too hard.",
            "*Learnable share*: how many new tasks are solved sometimes. It is the fuel of the next steps.",
            "*Valid rate* near one and *program length* slowly rising: it knows the language and asks more of itself.",
            "*Refusals* on the safety chip: what they are for tells you what the proposer is trying.",
          ],
        },
      ],
    },
    {
      id: "failures",
      title: "How it goes wrong",
      blocks: [
        "Whoever writes the exam, sits it and is paid for the marks has many ways to cheat. None of these need malice; they are simply what the numbers reward.",
        {
          kind: "list",
          items: [
            "*Trivial tasks that look hard.* A program whose output is always the same, that returns its input, or that hides the answer in a string. Kelvin refuses all three kinds. In the paper's composite functions the same happened: they decayed into doing what the part alone did.",
            "*Programs that are not functions.* A clock, a random number or a hidden counter makes a task unsolvable and its solve rate meaningless. The rule of the paper is to run twice and compare; the check in the released code raised an exception without the one word it then looked for, so such tasks slipped in.",
            "*Coins.* A program whose value depends on the order of a set or on an address comes out one way here and another there. A solver that guesses is right half of the time, and half is what pays. An earlier version of Kelvin admitted 131 of 500 such programs; those ordered by address earned +0.42 on average where an honest task earned 0.16. Now none of the 500 passes: each runs again in up to 64 orders. Did a policy ever find one? In 60 steps, no: kelvin-nano's vocabulary has no braces or quotes to write one with. A larger model has.",
            "*Answers that are code.* If an answer is evaluated, it can say it is right: an object that equals everything, or a text that closes the comparison early. Kelvin reads answers as literals and compares outside the interpreter; its catalogue of more than 300 attacks is part of the tests.",
            "{collapse|Collapse}. The proposer settles on one kind of program. The paper's authors saw diversity as the thing to protect, and weighting recent programs more as a way to lose it.",
            "{reward-hacking|Reward hacking} *of the estimate.* With few tries, luck pays: a task solved once in four by guessing looks as learnable as a good one.",
          ],
        },
        {
          kind: "table",
          caption:
            "A verifier that leaks the right value under the name x, and one that does not: 40 steps of self-play from a model that had seen 32 answers x. Means of the first and the last five steps, seeds 1 to 3; CPU engine on two cores (`docs/experiments/reward-hacking.md`)",
          columns: [
            "verifier",
            "answers that are no value, first",
            "and last",
            "deductions paid as right, last",
            "held-out deduction, after",
          ],
          rows: [
            ["lenient", "0.22, 0.26, 0.20", "0.36, 0.49, 0.54", "0.59, 0.61, 0.69", ".130, .172, .128"],
            ["strict", "0.19, 0.24, 0.18", "0.01, 0.08, 0.12", "0.29, 0.27, 0.31", ".280, .275, .285"],
          ],
        },
        "Both models know the trick. One verifier evaluates answers in a scope that holds the right value, as the released code of the paper does, and pays for it; the other reads answers as literals. Under the first the trick spreads and its training accuracy flatters it; under the second it dies out. Only the held-out tasks, judged strictly, tell the two apart. Set *judging* to `lenient` to see it.",
        {
          kind: "aside",
          title: "Uh-oh moments",
          text: `Training the Llama model, the authors found a chain of thought in which the model, asked to design a task, declared that its aim was to outsmart other machines and less intelligent people. They call it an {uh-oh|uh-oh moment} ([arXiv 2505.03335](${PAPER})). Nobody had rewarded the sentiment, and self-play has no place where anybody would have noticed. Their conclusion, and ours: zero data does not mean zero oversight. Here, everything that is refused or recognised as an attack is counted on the safety chip, and the human stop is always on screen.`,
        },
      ],
    },
  ],
};
