import { KelvinError } from "../contracts";
import { readArguments, refusePositionals } from "./arguments";
import { openNodeAdapter } from "./node-adapter";

const USAGE = "npm run adapters -- [--json]";
const kinds = ["cpu", "hardware", "lavapipe", "swiftshader"] as const;
type Kind = (typeof kinds)[number];
type Names = Partial<Record<Kind, string>>;

/** `adapters [--json]`: lists the CPU engine and the WebGPU adapters that Node can open here. */
export async function main(argv: string[]): Promise<number> {
  const options = readArguments(argv, { json: "flag" }, USAGE);
  refusePositionals(options, USAGE);
  const names = await findAdapters();
  console.log(options.flag("json") ? JSON.stringify(names) : table(names));
  return 0;
}

async function findAdapters(): Promise<Names> {
  const names: Names = {};
  for (const kind of kinds) {
    const name = await nameOf(kind);
    if (name) names[kind] = name;
  }
  return names;
}

async function nameOf(kind: Kind): Promise<string | undefined> {
  try {
    return (await openNodeAdapter(kind)).name;
  } catch (error) {
    // A missing adapter is a normal result here.
    if (error instanceof KelvinError) return undefined;
    throw error;
  }
}

function table(names: Names): string {
  return kinds.map((kind) => `${kind.padEnd(12)} ${names[kind] ?? "not found"}`).join("\n");
}
