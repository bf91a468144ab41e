import { sep } from "node:path";
import { loadPyodide } from "pyodide";
import { KelvinError } from "../contracts";
import { pyodideFolder } from "../verify/node";
import corpusSource from "./corpus.py?raw";
import drawsSource from "./draws.py?raw";
import editsSource from "./edits.py?raw";
import examiningSource from "./examining.py?raw";
import heldOutElsewhere from "./held-out-elsewhere.jsonl?raw";
import integralsSource from "./integrals.py?raw";
import judgingSource from "./judging.py?raw";
import languageSource from "./language.py?raw";
import lawsSource from "./laws.py?raw";
import longSource from "./long.py?raw";
import type { Domain } from "./schedule";
import suitesSource from "./suites.py?raw";

/** Sources that a corpus depends on besides its seed; a change in any of them gives another corpus. */
export const CORPUS_SOURCES: Readonly<Record<Domain, readonly string[]>> = {
  programs: [
    ...[languageSource, longSource, drawsSource, editsSource, judgingSource, lawsSource, corpusSource, suitesSource],
    heldOutElsewhere,
  ],
  integrals: [integralsSource],
};

/** Distribution of the examples to draw. */
export interface Mixture {
  /** Shares of deduction, abduction, induction, then of the three proposers. */
  readonly roles: readonly [number, number, number, number, number, number];
  /** Weights of 1, 2, … statements per deduction and abduction program. */
  readonly statements: readonly number[];
  /** Share of deduction and abduction examples with a worked answer. */
  readonly traces: number;
  /** Share of deduction and abduction examples with five to eight statements, all of which matter. */
  readonly long: number;
  /** Share of examples that make a program easier. */
  readonly easy: number;
  /** Share of examples that judge, prefer, criticise or revise. */
  readonly judge: number;
  /** Share of the long programs that have nine to sixteen statements. */
  readonly tail: number;
  /** Share of the short ones whose inputs are drawn as out of distribution. */
  readonly wide: number;
}

/** One example of the corpus as text. */
export interface Example {
  readonly prompt: string;
  readonly completion: string;
}

/** Draws examples from one seed, one after another. */
export interface ExampleStream {
  take(count: number): Example[];
  close(): void;
}

/** Prompts in the formats of a later base, and the marks of what a model completes them with. */
export interface Examination {
  readonly prompts: readonly string[];
  /** By name, such as `judge/parsed`: how many hold, of how many. A completion that did not end by itself is null. */
  mark(completions: readonly (string | null)[]): Readonly<Record<string, readonly [held: number, asked: number]>>;
}

/** A corpus generator: our Python modules in an interpreter of their own, so that programs run as real Python. */
export interface CorpusPython {
  open(seed: string, mixture: Mixture): ExampleStream;
  /** Held-out suites and 1-shot candidates, by name, as JSONL. */
  suites(): ReadonlyMap<string, string>;
  /** Fresh questions in the later formats, `count` of each kind. */
  examine(seed: string, count: number): Examination;
  /** Evaluates an expression that returns a string; for tests that compare with plain Python. */
  evaluate(expression: string): string;
}

/** Separators that the task language does not contain; equal to those in corpus.py. */
const FIELD = "\x1f";
const RECORD = "\x1e";

const PROGRAMS = `
import json, suites
from corpus import Corpus
from draws import read_held_out
from examining import Examination
elsewhere = [json.loads(line) for line in held_out_elsewhere.splitlines()]
written = suites.write_suites(elsewhere)
held_out = read_held_out(held_out_elsewhere, *(text for name, text in written.items() if name != "one-shot-candidates"))
`;

const INTEGRALS = `
import json
from integrals import Corpus, write_suites
written, held_out = write_suites()
`;

const EXAMINE = `
exam = Examination(exam_seed, Corpus(exam_seed + "/simpler", held_out, (1,) * 6, (1,), 1), held_out, exam_count)
json.dumps(exam.prompts())`;

/** The part of Pyodide's proxies that is used here. */
interface PythonCorpus {
  take(count: number): string;
  destroy(): void;
}

/**
 * Starts Python from the npm package (no network) and loads a domain's generator. Takes a few seconds.
 * @throws KelvinError "verifier" if the package is missing or does not start
 */
export async function openCorpusPython(domain: Domain = "programs"): Promise<CorpusPython> {
  const python = await loadPyodide({ indexURL: pyodideFolder() + sep }).catch((error: Error) => {
    throw new KelvinError("verifier", `Python did not start: ${error.message}`, "Run npm ci in the repository.");
  });
  const modules = {
    language: languageSource,
    long: longSource,
    draws: drawsSource,
    edits: editsSource,
    judging: judgingSource,
    laws: lawsSource,
    corpus: corpusSource,
    suites: suitesSource,
    examining: examiningSource,
    integrals: integralsSource,
  };
  python.runPython("import sys; sys.path.insert(0, '/corpus')");
  python.FS.mkdir("/corpus");
  for (const [name, source] of Object.entries(modules)) python.FS.writeFile(`/corpus/${name}.py`, source);
  python.globals.set("held_out_elsewhere", heldOutElsewhere);
  python.runPython(domain === "programs" ? PROGRAMS : INTEGRALS);
  const suites = JSON.parse(String(python.runPython("json.dumps(written)"))) as Record<string, string>;
  return {
    open: (seed, mixture) => openStream(python.runPython(corpusCall(domain, seed, mixture)) as PythonCorpus),
    suites: () => new Map(Object.entries(suites)),
    examine: (seed, count) => {
      python.globals.set("exam_seed", seed);
      python.globals.set("exam_count", count);
      const prompts = JSON.parse(String(python.runPython(EXAMINE))) as string[];
      return {
        prompts,
        mark: (completions) => {
          python.globals.set("completions", JSON.stringify(completions));
          return JSON.parse(String(python.runPython("json.dumps(exam.marks(json.loads(completions)))")));
        },
      };
    },
    evaluate: (expression) => String(python.runPython(expression)),
  };
}

function corpusCall(domain: Domain, seed: string, { roles, statements, traces, ...more }: Mixture): string {
  if (domain === "integrals")
    return `Corpus(${JSON.stringify(seed)}, held_out, ${JSON.stringify(statements)}, ${more.long}, ${more.easy})`;
  const shares = [more.long, more.easy, more.judge, more.tail, more.wide];
  return `Corpus(${JSON.stringify(seed)}, held_out, ${JSON.stringify(roles)}, ${JSON.stringify(statements)}, ${traces}, ${shares.join(", ")})`;
}

function openStream(corpus: PythonCorpus): ExampleStream {
  return {
    take: (count) => corpus.take(count).split(RECORD).map(readExample),
    close: () => corpus.destroy(),
  };
}

function readExample(record: string): Example {
  const [prompt = "", completion = ""] = record.split(FIELD);
  return { prompt, completion };
}
