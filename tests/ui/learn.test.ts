import { renderToString } from "katex";
import { describe, expect, it } from "vitest";
import { USUAL_GAUGES, type Word } from "../../src/contracts";
import { reduce } from "../../src/telemetry/reducer";
import { initialState, type RunState } from "../../src/telemetry/state";
import { declareWords } from "../../src/ui/declared-words";
import { findWord, GLOSSARY } from "../../src/ui/learn/glossary";
import { dice } from "../../src/ui/learn/labs/dice";
import { bestRate, chanceOfNothing, expectedReward } from "../../src/ui/learn/labs/expected-reward";
import { freshToy, step, type World } from "../../src/ui/learn/labs/switch";
import { liveAdvantage, liveLearnability, liveLogprob, liveRegularized, liveTerm } from "../../src/ui/learn/live";
import { parse, termsIn } from "../../src/ui/learn/markup";
import type { Block, Page } from "../../src/ui/learn/page";
import { findPage, PAGES } from "../../src/ui/learn/pages";
import { scriptedRun } from "./scripted-run";

/** A text without its markup. */
const plain = (text: string) =>
  parse(text)
    .map(({ words }) => words)
    .join("");

/** Every running text of a page. */
function textsOf({ lead, cite, sections }: Page): string[] {
  const own = cite === undefined ? [lead] : [lead, cite];
  return [...own, ...sections.flatMap(({ blocks }) => blocks.flatMap(textsIn))];
}

function textsIn(block: Block): readonly string[] {
  if (typeof block === "string") return [block];
  if (block.kind === "list") return block.items;
  if (block.kind === "formula") return block.where.map(([, meaning]) => meaning);
  if (block.kind === "figure") return [block.caption];
  return block.kind === "lab" || block.kind === "aside" ? [block.text] : [];
}

const formulas = PAGES.flatMap(({ name, sections }) =>
  sections.flatMap(({ blocks }) =>
    blocks.flatMap((block) => (typeof block !== "string" && block.kind === "formula" ? [{ name, block }] : [])),
  ),
);

/** A run in the middle of its third step, with figures of the two before. */
function someRun(config?: Record<string, number>): RunState {
  let run = initialState;
  for (const event of scriptedRun({ seed: 5, steps: 3, proposals: 3, rollouts: 4 })) {
    run = reduce(run, config && event.type === "run.start" ? { ...event, config } : event);
    if (event.type === "credit.group" && event.step === 2 && event.credit.group.startsWith("solver induction")) break;
  }
  return run;
}

const numbers = (text: string) =>
  [
    ...text
      .replaceAll("−", "-")
      .replaceAll(",", "")
      .matchAll(/-?\d+(?:\.\d+)?/gu),
  ].map(([number]) => Number(number));

describe("the pages", () => {
  it.each(PAGES.map((page) => [page.name, page] as const))(
    "%s: every term is known, every link leads somewhere",
    (_name, page) => {
      for (const name of textsOf(page).flatMap(termsIn)) expect(findWord(name), name).not.toBeNull();
      for (const part of textsOf(page).flatMap(parse)) {
        expect(part.words, "markup is not nested").not.toMatch(/[{}*`]/u);
        if (part.kind !== "link" || part.target.startsWith("https://")) continue;
        const [view, name = "", section] = part.target.split("/");
        expect(["learn", "play"]).toContain(view);
        if (view !== "learn") continue;
        expect(findPage(name).name).toBe(name);
        if (section) expect(findPage(name).sections.map(({ id }) => id)).toContain(section);
      }
    },
  );

  it("say of both shipped methods how credit is given, and of AZR what its authors were worried by", () => {
    for (const name of ["azr", "one-shot"]) expect(findPage(name).sections.map(({ id }) => id)).toContain("advantage");
    expect(textsOf(findPage("azr")).join(" ")).toMatch(/uh-oh moment/);
  });

  it("have section names that occur once on a page", () => {
    for (const { sections } of PAGES) expect(new Set(sections.map(({ id }) => id)).size).toBe(sections.length);
  });

  it("have formulas that KaTeX reads, signs included", () => {
    for (const { block } of formulas)
      for (const tex of [block.tex, ...block.where.map(([sign]) => sign)])
        expect(() => renderToString(tex, { throwOnError: true, strict: "error" }), tex).not.toThrow();
  });

  it("read without their markup", () => {
    expect(plain("The {policy} draws a {sample|try}, see *this* `code` [here](learn/azr).")).toBe(
      "The policy draws a try, see this code here.",
    );
  });

  it("speak of a method's own words once it is known, and say them plainly before", () => {
    expect(parse("{some-word}")).toEqual([{ kind: "text", words: "some word" }]);
    declareWords({ "some-word": { title: "Some word", text: "A word of a method." } });
    expect(parse("{some-word}")).toEqual([{ kind: "term", name: "some-word", words: "some word" }]);
    expect(termsIn("a {b}, {c|d} and `{e`")).toEqual(["b", "c"]);
  });
});

describe("the glossary", () => {
  const entries = Object.entries<Word>(GLOSSARY);

  it("explains itself: every neighbour exists, every entry is short", () => {
    for (const [name, { text, see = [] }] of entries) {
      for (const other of see) expect(findWord(other), `${name} → ${other}`).not.toBeNull();
      expect(see).not.toContain(name);
      expect(plain(text).length).toBeLessThan(340);
    }
  });

  it("has an entry for every gauge", () => {
    for (const { term } of USUAL_GAUGES) expect(findWord(term), term).not.toBeNull();
  });
});

describe("live numbers", () => {
  const run = someRun();

  it("are none without a run", () => {
    for (const { block } of formulas) expect(block.live?.(initialState) ?? null).toBeNull();
  });

  it("are TeX that KaTeX reads", () => {
    for (const live of [
      liveAdvantage(run),
      liveLearnability(run),
      liveTerm(run),
      liveLogprob(run),
      liveRegularized(someRun({ klCoefficient: 0.001, entropyCoefficient: 0.001 })),
    ]) {
      expect(live).not.toBeNull();
      expect(() => renderToString(live?.tex ?? "", { throwOnError: true, strict: "error" }), live?.tex).not.toThrow();
    }
  });

  it("say what they are of, and add up", () => {
    const advantage = liveAdvantage(run);
    expect(advantage?.from).toMatch(/^step 3, one of the \d+ samples of “solver/);
    const [reward = 0, mean = 0, spread = 1, result = 0] = numbers((advantage?.plain ?? "").replace(" − ", " ; "));
    expect(Math.abs((reward - mean) / spread - result)).toBeLessThan(0.06);
    const [pull = 0, tokens = 0, total = 1, term = 0] = numbers((liveTerm(run)?.plain ?? "").slice(1));
    expect(Math.abs((-pull * tokens) / total - term)).toBeLessThan(3e-4);
    const [one = 0, rate = 0, paid = 0] = numbers((liveLearnability(run)?.plain ?? "").replace("−", ";"));
    expect(one - rate).toBeCloseTo(paid, 2);
  });

  it("split the loss into its terms", () => {
    const regularized = liveRegularized(someRun({ klCoefficient: 0.001, entropyCoefficient: 0.001 }));
    const [gradient = 0, beta = 0, kl = 0, alpha = 0, entropy = 0, loss = 0] = numbers(
      (regularized?.plain ?? "").replace(/ − /u, " ; "),
    );
    expect(gradient + beta * kl - alpha * entropy).toBeCloseTo(loss, 3);
    expect(liveRegularized(run)).toBeNull();
  });
});

describe("the experiments", () => {
  const train = (world: World, steps: number, seed: number) => {
    const random = dice(seed);
    let toy = freshToy;
    for (let i = 0; i < steps; i++) toy = step(toy, world, random);
    return toy;
  };

  it("find the way that works, and unlearn it where it does not", () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      expect(train({ worked: 0.86, direct: 0.3 }, 40, seed).curve.at(-1)).toBeGreaterThan(0.85);
      expect(train({ worked: 0.3, direct: 0.86 }, 40, seed).curve.at(-1)).toBeLessThan(0.1);
    }
  });

  it("learn nothing from a group in which all agree", () => {
    const { draws, curve } = train({ worked: 1, direct: 1 }, 3, 1);
    expect(draws.every(({ advantage }) => advantage === 0)).toBe(true);
    expect(new Set(curve).size).toBe(1);
  });

  it("give the same lesson twice", () => {
    expect(train({ worked: 0.5, direct: 0.4 }, 9, 7)).toEqual(train({ worked: 0.5, direct: 0.4 }, 9, 7));
    expect(dice(1)()).not.toBe(dice(2)());
  });

  it.each([
    [0.02, 0.129],
    [0.1, 0.47],
    [0.2, 0.632],
    [0.3, 0.642],
    [0.5, 0.496],
    [0.95, 0.05],
  ])(
    "pay a proposer whose task is solved with probability %d on average %d, with the paper's eight tries",
    (q, mean) => {
      expect(expectedReward(q, 8)).toBeCloseTo(mean, 3);
    },
  );

  it("pay most somewhere in between, nearer to hard the more tries there are", () => {
    expect([2, 4, 8, 16].map(bestRate)).toEqual([0.5, 0.37, 0.26, 0.17]);
    expect([expectedReward(0, 4), expectedReward(1, 4)]).toEqual([0, 0]);
    expect(chanceOfNothing(0.3, 4)).toBeCloseTo(0.3 ** 4 + 0.7 ** 4, 12);
  });
});
