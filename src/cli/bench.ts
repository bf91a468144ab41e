import { cpus, totalmem } from "node:os";
import { KelvinError } from "../contracts";
import { readArguments } from "./arguments";
import type { Figure, Section } from "./bench/section";
import { verifierInNode } from "./bench/verifier";
import { verifierInChromium } from "./bench/verifier-chromium";

const USAGE = "bench [--json] [--section NAME]…";

/** In this order, one after the other; a section per file. */
const SECTIONS: readonly Section[] = [verifierInNode, verifierInChromium];

interface Result {
  readonly name: string;
  readonly figures: readonly Figure[];
  /** Why there are none. */
  readonly skipped?: string;
}

/** `bench [--json]`: how fast this machine is, section by section. What a machine cannot measure is said, not failed. */
export async function main(argv: string[]): Promise<number> {
  const options = readArguments(argv, { json: "flag", section: "values" } as const, USAGE);
  if (options.positionals.length > 0) throw new KelvinError("input", `no argument "${options.positionals[0]}"`, USAGE);
  const json = options.flag("json");
  const sections = chosen(options.values("section"));
  const results: Result[] = [];
  if (!json) console.log(machine());
  for (const section of sections) {
    const result = await measured(section);
    results.push(result);
    if (!json) console.log(`\n${table(result)}`);
  }
  if (json) console.log(JSON.stringify({ machine: machine(), sections: results }));
  return 0;
}

function chosen(names: readonly string[]): readonly Section[] {
  const unknown = names.find((name) => !SECTIONS.some((section) => section.name === name));
  const known = SECTIONS.map(({ name }) => name).join(", ");
  if (unknown !== undefined) throw new KelvinError("input", `there is no section "${unknown}"`, `sections: ${known}`);
  return names.length === 0 ? SECTIONS : SECTIONS.filter(({ name }) => names.includes(name));
}

async function measured({ name, measure }: Section): Promise<Result> {
  const found = await measure();
  return typeof found === "string" ? { name, figures: [], skipped: found } : { name, figures: found };
}

/** Processor, cores, memory and Node: figures mean nothing without them. */
function machine(): string {
  const [first] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${first?.model.trim() || "unknown processor"}, ${cpus().length} cores, ${memory} GiB, Node ${process.version}`;
}

function table({ name, figures, skipped }: Result): string {
  if (skipped !== undefined) return `${name}: skipped, ${skipped}`;
  const lines = figures.map(
    (figure) => `  ${figure.name.padEnd(32)} ${shown(figure.value).padStart(10)} ${figure.unit}`,
  );
  return [name, ...lines].join("\n");
}

/** Three significant digits, never fewer than all before the point. */
function shown(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
