import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { EVALUATE, type Method, type MethodConfig } from "../../src/contracts";
import { configure, METHODS } from "../../src/methods";
import { figuresIn } from "../../src/telemetry/note";
import { initialState } from "../../src/telemetry/state";
import { findWord } from "../../src/ui/learn/glossary";
import { termsIn } from "../../src/ui/learn/markup";
import type { Block, Page } from "../../src/ui/learn/page";
import { PAGES } from "../../src/ui/learn/pages";
import { momentFigures } from "../../src/ui/moment-figures";
import { toy } from "./toy";

/** What belongs to a method beside its file. */
interface Around {
  readonly pages: readonly Page[];
  readonly hasTest: (method: string) => boolean;
}
const HERE: Around = { pages: PAGES, hasTest: (name) => existsSync(`tests/methods/${name}.test.ts`) };

/** Every figure that a note may speak of; a run's own metrics come on top. */
const FIGURES = new Set(Object.keys(momentFigures(initialState)));

const SECTIONS = ["loop", "paper", "here", "watch", "failures"];

/** What a method in the index lacks, in words; empty for a whole one. */
function lacks(method: Method, { pages, hasTest }: Around): string[] {
  const known = (term: string) => Object.hasOwn(method.words, term) || findWord(term) !== null;
  const page = pages.find(({ name }) => name === method.name);
  const faults = [
    ...(/^[a-z][a-z0-9-]*$/.test(method.name) ? [] : ["name: small letters, digits and hyphens"]),
    ...(hasTest(method.name) ? [] : [`no test: tests/methods/${method.name}.test.ts`]),
    ...(page ? lacksOfPage(page, method, known) : ["no page of its name in src/ui/learn/pages"]),
    ...(Object.keys(method.words).length > 0 ? [] : ["no word for the glossary"]),
    ...(method.presets["small"] ? [] : ['no preset "small" for processors that stand in for a GPU']),
    ...lacksOfPhases(method),
    ...method.gauges.filter(({ term }) => !known(term)).map(({ name, term }) => `gauge ${name}: no word "${term}"`),
    ...Object.keys(method.defaults)
      .filter((key) => !method.describe[key])
      .map((key) => `setting ${key} is not described`),
  ];
  const texts = Object.values(method.words).flatMap(({ text, see = [] }) => [...termsIn(text), ...see]);
  return [...faults, ...texts.filter((term) => !known(term)).map((term) => `a word speaks of "${term}"`)];
}

function lacksOfPage(page: Page, { name }: Method, known: (term: string) => boolean): string[] {
  const blocks = page.sections.flatMap((section) => section.blocks);
  const ids = page.sections.map(({ id }) => id);
  return [
    ...(page.method === name ? [] : ["its page is about another method"]),
    ...(/arxiv\.org\/abs\/\d{4}\.\d{5}/.test(page.cite ?? "") ? [] : ["its page cites no paper"]),
    ...SECTIONS.filter((id) => !ids.includes(id)).map((id) => `its page has no section "${id}"`),
    ...blocks
      .flatMap(textsIn)
      .flatMap(termsIn)
      .filter((term) => !known(term))
      .map((term) => `its page speaks of "${term}"`),
    ...blocks.flatMap((block) =>
      typeof block !== "string" && block.kind === "lab" && !existsSync(`src/ui/learn/labs/${block.lab}-lab.ts`)
        ? [`there is no lab "${block.lab}"`]
        : [],
    ),
  ];
}

function textsIn(block: Block): readonly string[] {
  if (typeof block === "string") return [block];
  if (block.kind === "list") return block.items;
  if (block.kind === "formula") return block.where.map(([, meaning]) => meaning);
  if (block.kind === "figure") return [block.caption];
  return block.kind === "lab" || block.kind === "aside" ? [block.text] : [];
}

function lacksOfPhases({ phases }: Method): string[] {
  const names = phases.map(({ name }) => name);
  const unknown = phases
    .flatMap(({ note, caption }) => [...figuresIn(note), ...figuresIn(caption)])
    .filter((figure) => !FIGURES.has(figure) && !figure.includes("/"));
  return [
    ...(names.at(-1) === "update" ? [] : ['the last phase is not "update", which the loop makes']),
    ...(names.includes(EVALUATE.name) ? ['"evaluate" is the loop\'s own'] : []),
    ...(new Set(names).size === names.length ? [] : ["two phases of one name"]),
    ...phases.filter(({ note, caption }) => !note || !caption).map(({ name }) => `phase ${name} has no words`),
    ...unknown.map((figure) => `a note speaks of the figure "${figure}"`),
  ];
}

describe("the catalogue of methods", () => {
  it.each(METHODS.map((method) => [method.name, method] as const))("%s is whole", (_name, method) => {
    expect(lacks(method, HERE)).toEqual([]);
  });

  it("has no page of a method that there is not, and no two methods of one name", () => {
    const names = METHODS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { method } of PAGES) if (method !== undefined) expect(names).toContain(method);
  });

  it.each(METHODS.map((method) => [method.name, method] as const))(
    "%s can be set up by its presets",
    (_name, method) => {
      for (const preset of Object.values(method.presets))
        expect(() => configure(method, preset as MethodConfig)).not.toThrow();
    },
  );
});

describe("the check itself", () => {
  const page: Page = {
    ...{
      name: "toy",
      method: "toy",
      order: 9,
      title: "",
      short: "",
      lead: "",
      cite: "https://arxiv.org/abs/2505.03335",
    },
    sections: SECTIONS.map((id) => ({ id, title: id, blocks: ["About {brevity}."] })),
  };
  const whole: Around = { pages: [page], hasTest: () => true };
  const method = toy as unknown as Method;

  it("passes a method that has everything", () => {
    expect(lacks(method, whole)).toEqual([]);
  });

  it.each<[string, Partial<Method>, Partial<Around>, RegExp]>([
    ["without a page", {}, { pages: [] }, /no page/],
    ["without a test", {}, { hasTest: () => false }, /no test/],
    ["without a word", { words: {} }, {}, /no word for the glossary/],
    ["without a preset", { presets: {} }, {}, /no preset/],
    ["with a page that cites nothing", {}, { pages: [{ ...page, cite: undefined }] }, /cites no paper/],
    ["with a page of fewer sections", {}, { pages: [{ ...page, sections: [] }] }, /no section "loop"/],
    ["with a setting nobody describes", { describe: {} }, {}, /samples is not described/],
    ["without the update", { phases: method.phases.slice(0, 2) }, {}, /not "update"/],
    [
      "with a gauge nobody explains",
      { gauges: method.gauges.map((one) => ({ ...one, term: "?" })) },
      {},
      /no word "\?"/,
    ],
    ["with a figure nobody counts", { phases: method.phases.map((one) => ({ ...one, note: "{cows}" })) }, {}, /"cows"/],
  ])("finds a method %s", (_what, change, around, fault) => {
    expect(lacks({ ...method, ...change }, { ...whole, ...around }).join("; ")).toMatch(fault);
  });
});
