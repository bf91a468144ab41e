import { liveAdvantage } from "../live";
import type { Page } from "../page";

const CONSTITUTION = "https://arxiv.org/abs/2212.08073";
const DIRECT = "https://arxiv.org/abs/2309.00267";

export const page: Page = {
  order: 8,
  name: "rlaif",
  method: "rlaif",
  short: "Constitutional AI",
  title: "Constitutional AI: a model judges itself by written laws",
  lead: "Choosing between answers tires people, and nobody sees why they chose. Here people write a few laws instead. The model finds where its own programs break one, writes them anew, learns from that, and is then rewarded by its own judgement.",
  cite: `Bai and others, *Constitutional AI: harmlessness from AI feedback*, 2022, [arXiv 2212.08073](${CONSTITUTION}); Lee and others, *RLAIF vs. RLHF*, 2023, [arXiv 2309.00267](${DIRECT}).`,
  sections: [
    {
      id: "loop",
      title: "The loop",
      blocks: [
        {
          kind: "list",
          ordered: true,
          items: [
            "*Write.* The untrained model writes programs.",
            "*Criticise.* Under one law after another it names the line that breaks the law, or says `ok`.",
            "*Revise.* It writes what is at fault anew. A revision that Python cannot run is dropped.",
            "*Read.* In the first steps it learns the revisions as answers to the plain prompt. No law stands in that prompt, so the laws must go into the weights.",
            "*Compare.* Then the untrained model says of many pairs which program keeps a law better. A {reward-model|reward model} is fitted to that.",
            "*Reinforce.* From then on it is the loop of [RLHF](learn/rlhf), with the model in the place of the person.",
          ],
        },
        "The laws stand in the setting `laws`, in order: remainder, division and multiplication are forbidden by their signs; `if` forbids branches and loops; `1`, `2` and `3` are the most statements; `[` wants a list. By default a program uses neither `%` nor `//` and has no branch.",
        {
          ...{ kind: "lab", lab: "revision", title: "a critique and its revision" },
          text: "What the model found in its own program under one law, and what it wrote instead.",
        },
        "Whether a program keeps a law can also be counted from its text. The page does that and draws it. No reward and no lesson reads the count: the model has nothing but its own judgement.",
      ],
    },
    {
      id: "labels",
      title: "A label without a person",
      blocks: [
        {
          kind: "formula",
          tex: "p=\\tfrac12\\bigl(P(\\mathtt A\\mid a,b)+P(\\mathtt B\\mid b,a)\\bigr)",
          plain:
            "label = half of (probability of answer A when a stands first + probability of answer B when a stands second)",
          where: [
            ["a,b", "two programs, judged under one law drawn at random"],
            ["P(\\mathtt A\\mid a,b)", "how likely the model finds the answer A, among A and B"],
            ["p", "how much better the first is; the reward model is fitted to this number, not to a yes or no"],
          ],
        },
        "Each pair is judged twice, in both orders. A model that likes whatever stands first cancels itself out.",
      ],
    },
    {
      id: "reward",
      title: "The reward",
      blocks: [
        {
          kind: "formula",
          tex: "R=r-\\beta\\sum_t\\bigl(\\log\\pi_t-\\log\\pi_{\\text{base},t}\\bigr)\\qquad A_i=R_i-\\frac1{G-1}\\sum_{j\\ne i}R_j",
          plain: "reward = score − β × distance from the base; advantage = reward − mean of the others of the prompt",
          where: [
            ["r", "the reward model's score, in deviations; with `direct` the judge's own probability of `ok`"],
            ["\\beta", "the setting `klCoefficient`"],
            ["G", "programs per prompt"],
          ],
          live: liveAdvantage,
        },
        "A program that cannot become a task, or that another sample of the step wrote before, earns 3 less than the mean. That is the only thing here that keeps the model useful.",
      ],
    },
    {
      id: "paper",
      title: "What the papers found",
      blocks: [
        "A model of 52 billion parameters that was trained so was found more harmless than one trained with people's labels, and less evasive: it said why it would not help instead of refusing. One random law out of sixteen per revision sufficed.",
        "The second paper left the reward model out and took the judge's own score. That worked as well.",
      ],
    },
    {
      id: "here",
      title: "What happened here",
      blocks: [
        { kind: "evidence", method: "rlaif" },
        {
          kind: "table",
          caption:
            "128 proposals before → after, kelvin-nano-judge, CPU engine on two cores, commit 114c0fb (docs/experiments/rlaif.md)",
          columns: ["arm", "seed", "keep all laws", "valid", "different", "learnable", "labels agree"],
          rows: [
            ["both parts", "1", ".611 → .965", ".883 → .883", ".956 → .885", ".396 → .396", ".905"],
            ["both parts", "2", ".575 → .975", ".883 → .922", ".982 → .949", ".396 → .333", ".886"],
            ["both parts", "3", ".541 → .992", ".867 → .953", ".973 → .934", ".542 → .333", ".750"],
            ["revisions alone", "1", ".611 → .729", ".883 → .836", ".956 → .991", ".396 → .521", "–"],
            ["labels of other pairs", "1", ".611 → .886", ".883 → .961", ".956 → .984", ".396 → .271", ".905"],
            ["the judge itself as reward", "1", ".611 → .821", ".883 → .961", ".956 → 1.000", ".396 → .479", "–"],
            ["revision without critique", "1", ".611 → .622", ".883 → .930", ".956 → 1.000", ".396 → .563", "–"],
            ["other laws: * and lists", "1", ".257 → .824", ".883 → .930", ".956 → .958", ".396 → .188", ".754"],
          ],
        },
        "Revisions do a third of the work, and only with a critique: a third of the critiques is wrong. The rest comes with reinforcement. No person and no test judged a program.",
        "How much of the rest is judgement? With labels of other pairs it rises nearly as far on the one seed that was run: whatever such a reward model likes, the policy drifts to one kind of program, here without lists and short, and that kind happens to keep the laws. Two more seeds will tell luck from teaching.",
        "The price is seen as well. Programs become short, so laws that nobody taught are kept more often as well, and fewer of the tasks are worth learning from. Other controls have been run on one seed or not yet; the file has what there is.",
      ],
    },
    {
      id: "watch",
      title: "What to watch",
      blocks: [
        {
          kind: "list",
          items: [
            "*Keeps all laws*, together with *different programs*, the {valid-rate|valid rate} and *learnable*: the share of tasks that the untrained model solves sometimes, neither never nor always. The first alone can be had by writing nothing.",
            "The table of held-out figures has each law by itself. Laws that are not in the constitution should stay as they were.",
            "*Labels that agree*: how often the model's preference is the one that the count would have given.",
          ],
        },
      ],
    },
    {
      id: "laws",
      title: "Laws of your own choice",
      blocks: [
        {
          ...{ kind: "lab", lab: "laws", title: "choose and order laws" },
          text: "The model has learned to read these eight. A law that is not in the constitution is measured, too: it should stay as it was.",
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
            "*Evasion.* Set `gate` to false and let it run long: the model may find the one program that breaks no law, and write it again and again.",
            "*Labels of other pairs.* Set `labels` to `shuffled`: the reward model learns next to nothing, and the policy follows noise.",
            "*Revision without critique.* Set `critique` to false: the model must guess what was wrong.",
          ],
        },
        "A law is a measure, too. Whoever writes it decides what is counted, and {reward-hacking|what is counted is what is reached}.",
      ],
    },
  ],
};
