import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, sep } from "node:path";
import { describe, expect, it } from "vitest";

/** Who may import whom: folder of `src` (or file in it) → what it may import, besides itself and packages. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  contracts: [],
  // The seam: what an engine asks of a device. WebGPU lies behind it, and so does the CPU.
  device: ["contracts"],
  gpu: ["device", "contracts"],
  cpu: ["device", "contracts"],
  ops: ["device", "contracts", "shaders"],
  loss: ["ops", "contracts"],
  optimizer: ["ops", "device", "contracts"],
  // The engine is put together here: model, loss and optimizer share one device and one plan of its memory.
  model: ["ops", "device", "loss", "optimizer", "contracts"],
  tasks: ["contracts"],
  rollout: ["contracts"],
  verify: ["contracts"],
  reward: ["contracts"],
  advantage: ["contracts"],
  evaluate: ["contracts", "tasks", "rollout", "verify"],
  methods: ["contracts", "tasks", "rollout", "verify", "reward", "advantage"],
  pretrain: ["contracts", "tasks", "rollout", "verify", "evaluate", "model", "optimizer", "loss"],
  // The rotary table is the engine's own, so that the two cannot come to differ.
  export: ["contracts", "model", "ops", "telemetry"],
  telemetry: ["contracts"],
  download: ["contracts"],
  storage: ["contracts", "telemetry"],
  "train.ts": ["contracts", "loss", "telemetry", "evaluate", "rollout"],
  ui: ["contracts", "telemetry"],
};

/** What may be named but not run: an import of types leaves no trace in the bundle. */
const mayNameTypesOf: Readonly<Record<string, readonly string[]>> = {
  // It hands out a model's files as the model reads them.
  download: ["model"],
};

/** Wiring: these may import anything, and no other file imports them; the page may name the types of its worker's messages. */
const wiring: ReadonlySet<string> = new Set(["cli", "workers", "main.ts"]);

/** Packages, or all of one maker's, with a single home, so that they can be replaced there. */
const packageHomes: Readonly<Record<string, readonly string[]>> = {
  lit: ["ui"],
  "@lit-labs": ["ui"],
  "@awesome.me": ["ui"],
  "@codemirror": ["ui"],
  "@lezer": ["ui"],
  "@huggingface": ["model"],
  uplot: ["ui"],
  katex: ["ui"],
  webgpu: ["gpu"],
  // Made by the build from shaders/module.ts.
  "kelvin:cpu": ["cpu"],
  pyodide: ["verify", "pretrain"],
  fflate: ["storage"],
};

interface Import {
  readonly file: string;
  readonly from: string;
  readonly specifier: string;
  /** `import type`, or nothing but `type` names in the braces. */
  readonly typesOnly: boolean;
}

const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((name) => /\.m?ts$/.test(name));
const imports = files.flatMap(importsOf);

/** Static imports, re-exports and dynamic imports of a source file. */
function importsOf(file: string): Import[] {
  const text = readFileSync(join("src", file), "utf8").replaceAll(/^\s*(\/\/|\/?\*).*$/gm, "");
  const named = /(?:^|[\n;])\s*(?:import|export)\s+([^"';]*?)\bfrom\s*["']([^"']+)["']/g;
  const bare = /(?:^|[\s;({=])import\s*\(?\s*["']([^"']+)["']/g;
  const one = (specifier = "", names = ""): Import => ({
    file,
    from: home(file),
    specifier,
    typesOnly: areTypes(names),
  });
  return [
    ...[...text.matchAll(named)].map((match) => one(match[2], match[1])),
    ...[...text.matchAll(bare)].map((match) => one(match[1])),
  ];
}

/** Whether everything between `import` and `from` is a type. */
function areTypes(names: string): boolean {
  if (/^type\b/.test(names)) return true;
  const inBraces = /^\{([^}]*)\}\s*$/
    .exec(names)?.[1]
    ?.split(",")
    .map((name) => name.trim())
    .filter(Boolean);
  return inBraces?.every((name) => name.startsWith("type ")) ?? false;
}

/** The folder of `src` a file belongs to, or its own name at the top. */
function home(path: string): string {
  return path.split(sep)[0] ?? path;
}

/** What a relative import reaches: a folder of `src`, a file at its top, or "shaders"; null for a package. */
function target({ file, specifier }: Import): string | null {
  if (!specifier.startsWith(".")) return null;
  const path = normalize(join("src", dirname(file), specifier));
  if (path.startsWith(`shaders${sep}`)) return "shaders";
  if (!path.startsWith(`src${sep}`)) return path;
  const first = home(path.slice(4));
  return files.includes(`${first}.ts`) ? `${first}.ts` : first;
}

function describeImport({ file, specifier }: Import): string {
  return `${file} imports ${specifier}`;
}

describe("import rules", () => {
  it("reads the imports of the sources", () => {
    expect(files.length).toBeGreaterThan(5);
    expect(imports.length).toBeGreaterThan(files.length / 2);
  });

  it("tells imports of types from others", () => {
    expect(["type { A }", "{ type A, type B }", "type * as a"].map(areTypes)).toEqual([true, true, true]);
    expect(["{ type A, b }", "a", "* as a", "{}, { type A }", "a, { type A }"].map(areTypes)).not.toContain(true);
  });

  it("knows every folder of src", () => {
    const unknown = files.map(home).filter((name) => !(name in mayImport) && !wiring.has(name) && !isDeclaration(name));
    expect([...new Set(unknown)]).toEqual([]);
  });

  it("lets a folder import only what the table allows", () => {
    const forbidden = imports.filter((one) => {
      const reached = target(one);
      if (reached === null || wiring.has(one.from) || reached === one.from) return false;
      const named = one.typesOnly ? (mayNameTypesOf[one.from] ?? []) : [];
      return ![...(mayImport[one.from] ?? []), ...named].includes(reached);
    });
    expect(forbidden.map(describeImport)).toEqual([]);
  });

  it("lets no other file import the wiring", () => {
    const broken = imports.filter((one) => {
      const reached = target(one);
      const isOwnMessage = one.typesOnly && wiring.has(one.from);
      return reached !== null && wiring.has(reached) && reached !== one.from && !isOwnMessage;
    });
    expect(broken.map(describeImport)).toEqual([]);
  });

  it("keeps each of these packages in its home", () => {
    const strays = imports.filter((one) => {
      const name = one.specifier.split("/")[0] ?? "";
      return name in packageHomes && !wiring.has(one.from) && !packageHomes[name]?.includes(one.from);
    });
    expect(strays.map(describeImport)).toEqual([]);
  });

  it("takes shaders as they are on disk, by ops only", () => {
    const shaders = imports.filter((one) => one.specifier.includes(".wgsl"));
    const wrong = shaders.filter((one) => one.from !== "ops" || !one.specifier.endsWith(".wgsl?raw"));
    expect(wrong.map(describeImport)).toEqual([]);
  });
});

describe("dependencies", () => {
  it("each have their reason", () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync("package.json", "utf8")) as {
      [kind: string]: Readonly<Record<string, string>>;
    };
    const reasons = readFileSync("docs/decisions/0001-dependencies.md", "utf8");
    const silent = Object.keys({ ...dependencies, ...devDependencies }).filter(
      (name) => !reasons.includes(`\`${name}\``),
    );
    expect(silent).toEqual([]);
  });
});

describe("randomness", () => {
  it("comes from a passed generator, never from Math.random", () => {
    const users = files.filter((file) => /\bMath\s*\.\s*random\b/.test(readFileSync(join("src", file), "utf8")));
    expect(users).toEqual([]);
  });
});

function isDeclaration(name: string): boolean {
  return name.endsWith(".d.ts");
}
