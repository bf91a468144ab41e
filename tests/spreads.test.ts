import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "vite";
import { describe, expect, it } from "vitest";
import { largest, smallest } from "../src/contracts";

/**
 * `f(...list)` puts every element on the stack: from about 100,000 on it throws. What a file, a log or a model decides has no
 * bound, so no list is spread as arguments but these, whose length our own sources fix.
 */
const ALLOWED: Readonly<Record<string, string>> = {
  "src/rollout/rng.ts: key": "the names of one stream of random numbers",
  "src/model/layout-builder.ts: this.table": "the matrices of one fused projection: at most three",
  "src/model/adapter-layout.ts: build.segment": "the targets of adapters: at most seven",
  "src/model/compute.ts: Generator": "two objects of kernels",
  "src/ui/run-comparison.ts: commonSuites": "two runs",
  "src/ui/panels/compare-runs.ts: commonSuites": "two runs",
  "src/cpu/cpu.ts: call": "the parameters and buffers of one kernel",
  "src/workers/library.ts: call": "the arguments of one call",
  "src/verify/interpreter.ts: original": "the arguments of one call",
  "src/verify/interpreter.ts: original.apply": "the arguments of one call",
};

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && typeof (value as Node).type === "string";
}

function* nodesOf(node: Node): Generator<Node> {
  yield node;
  for (const child of Object.values(node).flat()) if (isNode(child)) yield* nodesOf(child);
}

/** Who is called with a list spread as arguments, by `...` or by `apply`. */
function spreadsIn(path: string, text: string): string[] {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  const textOf = (node?: Node): string => text.slice(node?.start, node?.end);
  return [...nodesOf(program as unknown as Node)].flatMap((node) => {
    if (node.type !== "CallExpression" && node.type !== "NewExpression") return [];
    const name = textOf(node["callee"] as Node).replaceAll(/\s+/g, " ");
    const given = node["arguments"] as Node[];
    const applied = /\.apply$/.test(name) && given.length === 2 && /^(?:this|null|undefined)$/.test(textOf(given[0]));
    return applied || given.some(({ type }) => type === "SpreadElement") ? [`${path}: ${name}`] : [];
  });
}

const sources = ["src", "scripts"].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.m?[jt]s$/.test(name))
    .map((name) => join(folder, name)),
);

describe("lists as arguments", () => {
  const found = sources.flatMap((path) => spreadsIn(path, readFileSync(path, "utf8")));

  it("are spread nowhere but where our own sources say how long they are", () => {
    expect(found.filter((one) => !(one in ALLOWED))).toEqual([]);
  });

  it("have no unused exception", () => {
    expect(Object.keys(ALLOWED).filter((one) => !found.includes(one))).toEqual([]);
  });

  it.each([
    ["Math.max(...values)", 1],
    ["list.push(first, ...rest)", 1],
    ["new Set(...lists)", 1],
    ["String.fromCharCode.apply(null, bytes)", 1],
    ["call(() => Math.min(1, ...values))", 1],
    ["f([...values], { ...options })", 0],
  ])("%s has %d of them", (text, count) => {
    expect(spreadsIn("x.ts", text)).toHaveLength(count);
  });

  it("of any length have a largest and a smallest value", () => {
    const values = Array.from({ length: 262_144 }, (_, index) => index - 5);
    expect([largest(values), smallest(values)]).toEqual([262_138, -5]);
    expect([largest([], 1), smallest([], -1), largest([])]).toEqual([1, -1, Number.NEGATIVE_INFINITY]);
    expect(largest([1, Number.NaN, 3])).toBeNaN();
  });
});
