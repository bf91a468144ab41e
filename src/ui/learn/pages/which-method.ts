import type { Page } from "../page";

export const page: Page = {
  order: 10,
  name: "which-method",
  short: "Which when",
  title: "Which method when",
  lead: "All methods here move the same weights by the same gradient step. They differ in where the signal comes from. So the first question is not which one is best, but what you have.",
  sections: [
    {
      id: "table",
      title: "What you have",
      blocks: [
        {
          kind: "table",
          caption:
            "Figures were measured here, on kelvin-nano and kelvin-nano-2, CPU engine on two cores; the files in `docs/experiments` have every seed and control",
          columns: ["You have", "Take", "Why: what was measured here", "Mind"],
          rows: [
            [
              "a checker, no data",
              "Absolute Zero",
              "deduction .302 → .853 to .855 in 60 steps, three seeds (azr)",
              "A proposer is paid for what is solved half of the time. The checker must not be fooled: coins pay too (reward-hacking-verifier)",
            ],
            [
              "a checker and a pool of tasks",
              "RLVR, the GRPO family",
              ".302 → .850 to .855, three seeds (rlvr)",
              "A pool does not grow. What is never solved teaches nothing",
            ],
            [
              "a checker and one example",
              "1-shot RLVR",
              ".302 → .845 to .855, three seeds (one-shot)",
              "Which example decides: the one of highest variance reached .280, .830 and .300",
            ],
            [
              "prompts without answers",
              "TTRL",
              ".302 → .825 to .840, three seeds (ttrl)",
              "The majority must be right more often than not. On abduction alone it was not, and nothing was learned",
            ],
            [
              "a few hundred worked answers",
              "few-shot SFT",
              ".302 → .828 to .850 from 256 pairs, three seeds (sft)",
              "It copies what it is shown: with wrong values it ends at .448 to .522",
            ],
            [
              "tasks far too hard",
              "LADDER",
              "six statements .345 → .535 to .640, three seeds (ladder)",
              "The easier variants must be checked, too; the hard tasks alone made it worse: .345 → .210",
            ],
            [
              "somebody's taste",
              "RLHF",
              "wins over the base .945, .828 and .859 after 128 choices, three seeds (rlhf)",
              "The reward model is not the person: with few choices and distance for free the score climbs while the liking falls",
            ],
            [
              "laws that can be written down",
              "Constitutional AI",
              "not measured on three seeds yet (rlaif)",
              "A law is kept most easily by doing nothing",
            ],
            [
              "answers too long to check as a whole",
              "GRM",
              "not measured on three seeds yet (grm)",
              "A judge must be judged, too",
            ],
          ],
        },
      ],
    },
    {
      id: "same",
      title: "What is the same",
      blocks: [
        "Five of these methods end within three points of each other on deduction. That is no accident: kelvin-nano can work an answer out, and rarely does. Whatever rewards the right answers makes it choose to. The {forced-trace|forced trace}, .855 before any training, is the ceiling of that.",
        "So a choice between them is a choice of what you can provide, and of what can go wrong. Only [LADDER](learn/ladder) was measured to reach what the model could not do at first.",
      ],
    },
    {
      id: "order",
      title: "In this order",
      blocks: [
        {
          kind: "list",
          ordered: true,
          items: [
            "Is there a test that says right or wrong? Then use it, and spend your effort on making it hard to fool. The methods with a {verifier} need no model of anybody's taste.",
            "Does the model ever get it right? Draw many tries: what never occurs cannot be rewarded. If it never does, make it easier first (LADDER), or show it (SFT).",
            "If there is no test, can examples show what is wanted? A few hundred good ones are the cheapest way of all.",
            "If it can only be felt, compare pairs (RLHF). If it can be said, write it down (Constitutional AI). In both cases watch something that is not trained on.",
          ],
        },
      ],
    },
  ],
};
