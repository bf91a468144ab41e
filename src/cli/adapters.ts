import { KelvinError } from "../contracts";
import { type GpuChoice, openNodeGpu } from "../gpu/node-adapter";
import { readArguments, refusePositionals } from "./arguments";

const USAGE = "npm run adapters -- [--json]";
const kinds: readonly GpuChoice[] = ["hardware", "lavapipe", "swiftshader"];
type Names = Partial<Record<GpuChoice, string>>;

/** `adapters [--json]`: lists the WebGPU adapters that Node can open here. Exit status 1 if there are none. */
export async function main(argv: string[]): Promise<number> {
  const options = readArguments(argv, { json: "flag" }, USAGE);
  refusePositionals(options, USAGE);
  const names = await findAdapters();
  console.log(options.flag("json") ? JSON.stringify(names) : table(names));
  return Object.keys(names).length > 0 ? 0 : 1;
}

async function findAdapters(): Promise<Names> {
  const names: Names = {};
  for (const kind of kinds) {
    const name = await nameOf(kind);
    if (name) names[kind] = name;
  }
  return names;
}

async function nameOf(kind: GpuChoice): Promise<string | undefined> {
  try {
    return (await openNodeGpu(kind)).name;
  } catch (error) {
    // A missing adapter is a normal result here.
    if (error instanceof KelvinError) return undefined;
    throw error;
  }
}

function table(names: Names): string {
  return kinds.map((kind) => `${kind.padEnd(12)} ${names[kind] ?? "not found"}`).join("\n");
}
