import { describe, expect, it } from "vitest";
import { PROPOSER, SOLVER, TASK_TYPES } from "../../src/contracts";
import { openChat } from "../../src/model/chat";
import { INTEGRAL_LANGUAGE, TASK_LANGUAGE } from "../../src/model/task-language";
import { loadTokenizer } from "../../src/model/tokenizer";
import { tokenizerJson, vocabulary } from "../../src/pretrain/architecture";
import { inWords } from "../../src/tasks/chat-text";
import { proposerText, solverText } from "../../src/tasks/formats";
import {
  demandPrograms,
  fits,
  knowsIntegrals,
  proposerPrompt,
  solverPrompt,
  tracePrompt,
} from "../../src/tasks/prompts";
import { plusThree } from "../plus-three";
import { scriptedTokenizer as tokenizer } from "../train/scripted";

const task = plusThree({ id: "t" });
const plain = { tokenizer, contextLength: 1024 };
const text = "[u]{{ messages[0].content }}[/u]{% if add_generation_prompt %}[a]{% endif %}";
const talking = { ...plain, chat: await openChat({ text, tokens: {} }) };

describe("the prompts of a model with a chat template", () => {
  it("are a user's turn that says in words what the format asks, and the beginning of the model's", () => {
    const solver = solverPrompt(talking, "s", task);
    expect(solver.text).toBe(`[u]${inWords("solver", "deduction", solverText(task))}[/u][a]`);
    expect(solver.text).toContain(solverText(task));
    expect(tokenizer.decode(solver.tokens)).toBe(solver.text);
    const proposer = proposerPrompt(talking, "p", "induction", task.program);
    expect(proposer.text).toBe(
      `[u]${inWords("proposer", "induction", proposerText("induction", task.program))}[/u][a]`,
    );
    expect(proposer.reference).toBe(task.program);
  });

  it("begin the model's turn with the trace where one is forced", () => {
    const forced = tracePrompt(talking, solverPrompt(talking, "s", task));
    expect(forced.text.endsWith("[/u][a]<think>")).toBe(true);
    expect(tokenizer.decode(forced.tokens)).toBe(forced.text);
  });

  it("name the tokens an answer is read by", () => {
    for (const role of [PROPOSER, SOLVER] as const)
      for (const type of TASK_TYPES) expect(inWords(role, type, "T")).toMatch(/\n\nT$/);
    for (const type of TASK_TYPES) expect(inWords("solver", type, "")).toContain("<ans>");
    expect(inWords("proposer", "deduction", "")).toContain("<in>");
    expect(inWords("proposer", "induction", "")).toMatch(/;.*<msg>/);
  });

  it("fit by what the task itself takes, as long as the context holds the words too", () => {
    expect([fits(plain, task), fits(talking, task)]).toEqual([true, true]);
    const short = { ...talking, contextLength: 150 };
    expect([fits({ ...plain, contextLength: 150 }, task), fits(short, task)]).toEqual([true, false]);
  });

  it("are the format alone for a model without one, or with it switched off", () => {
    for (const policy of [plain, { ...plain, chat: null }]) {
      expect(solverPrompt(policy, "s", task).text).toBe(solverText(task));
      expect(proposerPrompt(policy, "p", "abduction", task.program).text).toBe(proposerText("abduction", task.program));
    }
  });
});

describe("the beginning that a tokenizer's files ask for", () => {
  const begins = { ...plain, tokenizer: { ...tokenizer, beginning: [7] } };

  it("stands once before a prompt without a chat template, and before a forced trace", () => {
    const prompt = solverPrompt(begins, "s", task);
    expect([...prompt.tokens]).toEqual([7, ...tokenizer.encode(prompt.text)]);
    const forced = tracePrompt(begins, prompt);
    expect([...forced.tokens]).toEqual([7, ...tokenizer.encode(forced.text)]);
  });

  it("is the chat template's to write", () => {
    const prompt = solverPrompt({ ...talking, tokenizer: begins.tokenizer }, "s", task);
    expect([...prompt.tokens]).toEqual([...tokenizer.encode(prompt.text)]);
  });
});

describe("what a tokenizer is tried on when a model is loaded", () => {
  const tried = TASK_LANGUAGE.join("");
  const INTEGRALS = { size: "nano", domain: "integrals", long: 0, easy: 0.1, judge: 0, gaps: 0 } as const;

  it("is the language of integrals for a model of those", () => {
    for (const token of vocabulary(INTEGRALS)) {
      // Numbers of two digits are one token each; that they come back is asked of three of them.
      if (/^(?:<(?:pad|eos)>|\d\d)$/u.test(token)) continue;
      expect(INTEGRAL_LANGUAGE.join(""), token).toContain(token);
    }
    const own = loadTokenizer(tokenizerJson(INTEGRALS));
    for (const text of INTEGRAL_LANGUAGE) expect(own.decode(own.encode(text))).toBe(text);
    expect(knowsIntegrals({ tokenizer: own, contextLength: 192 })).toBe(true);
    expect(knowsIntegrals({ tokenizer, contextLength: 192 })).toBe(false);
    const reader = { tokenizer: own, contextLength: 192 };
    expect(() => demandPrograms({ title: "RLVR" }, reader)).toThrow(
      "RLVR works on programs, and this model reads integrals",
    );
    demandPrograms({ title: "LADDER", integrals: true }, reader);
    demandPrograms({ title: "RLVR" }, plain);
  });

  it("has every role token, digit, operator and word of the formats", () => {
    const prompts = [
      ...TASK_TYPES.map((type) => solverText({ ...task, type, message: "sum(" })),
      ...TASK_TYPES.map((type) => proposerText(type, task.program)),
    ].join("");
    const known = Object.keys(tokenizerJson().model.vocab).filter((token) => !/^<(?:pad|eos)>$/.test(token));
    for (const token of prompts.match(/<\w+>/g) ?? []) expect(tried).toContain(token);
    for (const character of new Set([...prompts, ...known.join("")])) expect(tried, character).toContain(character);
  });
});
