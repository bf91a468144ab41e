import { cpus, totalmem } from "node:os";
import { KelvinError, largest } from "../contracts";
import { readArguments } from "./arguments";
import { device } from "./bench/device";
import { LIBRARY_SECTIONS } from "./bench/libraries";
import type { Figure, Section, Settings } from "./bench/section";
import { verifierInNode } from "./bench/verifier";
import { verifierInChromium } from "./bench/verifier-chromium";
import { requirePlace, writeResult } from "./disk";
import { ADAPTER_CHOICES } from "./node-adapter";

const USAGE = "npm run bench -- [SECTION]… [--adapter NAME] [--seconds N] [--limit N] [--out FILE.json] [--json]";

/** Sections run in this order, one after another. */
const SECTIONS: readonly Section[] = [verifierInNode, verifierInChromium, ...LIBRARY_SECTIONS, device];

const OPTIONS = {
  json: "flag",
  section: "values",
  adapter: "value",
  seconds: "value",
  limit: "value",
  out: "value",
} as const;

interface Result {
  readonly name: string;
  readonly figures: readonly Figure[];
  /** Why there are no figures. */
  readonly skipped?: string;
}

/** `bench [SECTION]…`: measures the speed of this machine. A section that cannot run here says why; it does not fail. */
export async function main(argv: string[]): Promise<number> {
  const options = readArguments(argv, OPTIONS, USAGE);
  const json = options.flag("json");
  const sections = chosen([...options.positionals, ...options.values("section")]);
  const settings: Settings = {
    adapter: options.choice("adapter", ADAPTER_CHOICES, "auto"),
    seconds: options.count("seconds", 10, 1),
    limitSeconds: options.count("limit", 240, 1),
  };
  const out = options.value("out");
  if (out !== undefined) requirePlace(out);
  const results: Result[] = [];
  if (!json) console.log(machine());
  for (const section of sections) {
    const result = await measured(section, settings);
    results.push(result);
    if (!json) console.log(`\n${table(result)}`);
  }
  const report = JSON.stringify({ machine: machine(), adapter: settings.adapter, sections: results });
  if (out !== undefined) writeResult(out, `${report}\n`);
  if (json) console.log(report);
  return 0;
}

/** Sections whose name, or first word of it, is given; without names all except those on request. */
function chosen(names: readonly string[]): readonly Section[] {
  const isNamed = (section: Section, name: string): boolean =>
    section.name === name || section.name.startsWith(`${name} `);
  const unknown = names.find((name) => !SECTIONS.some((section) => isNamed(section, name)));
  const known = SECTIONS.map(({ name }) => name).join(", ");
  if (unknown !== undefined) throw new KelvinError("input", `there is no section "${unknown}"`, `sections: ${known}`);
  if (names.length === 0) return SECTIONS.filter(({ onRequest }) => !onRequest);
  return SECTIONS.filter((section) => names.some((name) => isNamed(section, name)));
}

async function measured({ name, measure }: Section, settings: Settings): Promise<Result> {
  const found = await measure(settings);
  return typeof found === "string" ? { name, figures: [], skipped: found } : { name, figures: found };
}

/** Processor, cores, memory and Node, printed with every result. */
function machine(): string {
  const [first] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${first?.model.trim() || "unknown processor"}, ${cpus().length} cores, ${memory} GiB, Node ${process.version}`;
}

function table({ name, figures, skipped }: Result): string {
  if (skipped !== undefined) return `${name}: skipped, ${skipped}`;
  const width = largest(figures.map((figure) => figure.name.length));
  const lines = figures.map(({ name: title, value, unit, note }) => {
    const start = `  ${title.padEnd(width)} ${shown(value).padStart(10)} ${unit}`;
    return note === undefined ? start : `${start}  (${note})`;
  });
  return [name, ...lines].join("\n");
}

/** Three significant digits, but all digits before the point. */
function shown(value: number): string {
  if (Number.isNaN(value)) return "–";
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
