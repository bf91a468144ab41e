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
        "Figures were measured here, on kelvin-nano and kelvin-nano-2, CPU engine on two cores. `docs/experiments` has every seed, control and command.",
        {
          kind: "list",
          items: [
            "*A checker, no data:* [Absolute Zero](learn/azr). Deduction .302 → .853 to .855 in 60 steps, three seeds. A proposer is paid for what is solved half of the time. The checker must not be fooled: coins pay too.",
            "*A checker and a pool of tasks:* [RLVR, the GRPO family](learn/rlvr). Deduction .302 → .850 to .855, three seeds. A pool does not grow. What is never solved teaches nothing.",
            "*A checker and one example:* [1-shot RLVR](learn/one-shot). Deduction .302 → .845 to .855, three seeds. Which example decides: the one of highest variance reached .280, .830 and .300.",
            "*Prompts without answers:* [TTRL](learn/ttrl). Deduction .302 → .825 to .840, three seeds. The majority must be right more often than not. On abduction alone it was not, and nothing was learned.",
            "*A few hundred worked answers:* [Few-shot SFT](learn/sft). Deduction .302 → .828 to .850 from 256 pairs, three seeds. It copies what it is shown: with wrong values it ends at .448 to .522.",
            "*Tasks far too hard:* [LADDER](learn/ladder). Six statements .345 → .535 to .640, three seeds. The easier variants must be checked, too; the hard tasks alone made it worse: .345 → .210.",
            "*Somebody's taste:* [RLHF](learn/rlhf). Wins over the base .945, .828 and .859 after 128 choices, three seeds. The reward model is not the person: with few choices and distance for free the score climbs while the liking falls.",
            "*Laws that can be written down:* [Constitutional AI](learn/rlaif). Programs that keep all laws .541 to .611 → .965 to .992, three seeds. A law is kept most easily by doing little: programs become short.",
            "*Answers too long to check as a whole:* [GRM](learn/grm). Not measured on three seeds yet. A judge must be judged, too.",
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
