import { KelvinError } from "../contracts";
import { type AdapterChoice, openNodeGpu } from "../gpu/node-adapter";

const kinds: readonly AdapterChoice[] = ["hardware", "lavapipe", "swiftshader"];

/** `adapters [--json]`: which WebGPU adapters Node can open on this machine. */
export async function main(argv: string[]): Promise<number> {
  const unknown = argv.find((argument) => argument !== "--json");
  if (unknown) throw new KelvinError("input", `unknown option ${unknown}`, "adapters [--json]");
  const names: Partial<Record<AdapterChoice, string>> = {};
  for (const kind of kinds) {
    const name = await nameOf(kind);
    if (name) names[kind] = name;
  }
  console.log(argv.includes("--json") ? JSON.stringify(names) : table(names));
  return Object.keys(names).length > 0 ? 0 : 1;
}

async function nameOf(kind: AdapterChoice): Promise<string | undefined> {
  try {
    return (await openNodeGpu(kind)).name;
  } catch (error) {
    // An absent adapter is an answer here, not a failure.
    if (error instanceof KelvinError) return undefined;
    throw error;
  }
}

function table(names: Partial<Record<AdapterChoice, string>>): string {
  return kinds.map((kind) => `${kind.padEnd(12)} ${names[kind] ?? "not found"}`).join("\n");
}
