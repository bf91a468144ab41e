import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { KelvinError } from "../contracts";

/** Which WebGPU adapter to open: "auto" prefers hardware, then lavapipe (Mesa), then SwiftShader (beside Chromium). */
export type GpuChoice = "auto" | "hardware" | "lavapipe" | "swiftshader";
export const GPU_CHOICES: readonly GpuChoice[] = ["auto", "hardware", "lavapipe", "swiftshader"];

/** A WebGPU adapter of this process. */
export interface NodeGpu {
  readonly adapter: GPUAdapter;
  /** e.g. "llvmpipe (LLVM 19.1.7, 256 bits)". */
  readonly name: string;
  /** A software adapter (a CPU). */
  readonly software: boolean;
}

/** Dawn destroys its instance and all its adapters when the object from `create` is garbage-collected; this keeps it. */
const kept: unknown[] = [];
/** The package, loaded on first use because it needs the machine's graphics libraries. */
let dawn: typeof import("webgpu") | undefined;

/** The Vulkan loader's variables for "use only this driver", new name and old; the new one has priority. */
const driverVariables = ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"] as const;

/** The caller's original values, used when searching for hardware. */
const callersDrivers = driverVariables.map((name) => process.env[name]);

/**
 * Opens a WebGPU adapter through Dawn (npm `webgpu`) and defines the WebGPU globals (GPUBufferUsage, …). The environment variable
 * KELVIN_ADAPTER replaces "auto".
 * @throws KelvinError "no-webgpu" if the chosen adapter is not on this machine, with what to install; "input" if KELVIN_ADAPTER
 *   is not the name of an adapter
 */
export async function openNodeGpu(choice: GpuChoice = "auto"): Promise<NodeGpu> {
  const wanted = choice === "auto" ? fromEnvironment(GPU_CHOICES) : choice;
  const order: readonly GpuChoice[] = wanted === "auto" ? ["hardware", "lavapipe", "swiftshader"] : [wanted];
  for (const kind of order) {
    const found = await open(kind);
    if (found) return found;
  }
  throw new KelvinError("no-webgpu", `no WebGPU adapter for Node (${wanted})`, missingHint(wanted));
}

/**
 * Makes `navigator.gpu` return such an adapter on each request, for libraries that expect a browser.
 * @throws KelvinError as `openNodeGpu` does
 */
export async function provideNodeGpu(choice: GpuChoice = "auto"): Promise<void> {
  const first = await openNodeGpu(choice);
  let unused: GPUAdapter | null = first.adapter;
  const requestAdapter = async (): Promise<GPUAdapter> => {
    const adapter = unused ?? (await openNodeGpu(choice)).adapter;
    unused = null; // an adapter gives one device only
    return adapter;
  };
  const value = { userAgent: `Node.js/${process.versions.node}`, gpu: { requestAdapter } };
  Object.defineProperty(globalThis, "navigator", { value, configurable: true });
}

/**
 * The value of the environment variable KELVIN_ADAPTER; "auto" if it is not set.
 * @throws KelvinError "input" if it is not one of the choices
 */
export function fromEnvironment<Choice extends string>(choices: readonly Choice[]): Choice | "auto" {
  const named = process.env["KELVIN_ADAPTER"] || "auto";
  const choice = [...choices, "auto" as const].find((known) => known === named);
  if (!choice)
    throw new KelvinError("input", `KELVIN_ADAPTER names no adapter: "${named}"`, `one of ${choices.join(", ")}`);
  return choice;
}

/** The adapter of one kind; null if this machine has none of that kind. */
async function open(kind: GpuChoice): Promise<NodeGpu | null> {
  if (kind === "hardware") return request(callersDrivers, (info) => !isSoftware(info));
  const driver = kind === "lavapipe" ? lavapipeDriver() : swiftShaderDriver();
  return driver ? request([driver, driver], isSoftware) : null;
}

/** Dawn reads the driver's name when it creates an instance, so each request creates one. */
async function request(
  drivers: readonly (string | undefined)[],
  accept: (info: GPUAdapterInfo) => boolean,
): Promise<NodeGpu | null> {
  driverVariables.forEach((name, index) => {
    const driver = drivers[index];
    if (driver === undefined) delete process.env[name];
    else process.env[name] = driver;
  });
  const { create } = await loadDawn();
  const gpu = create([]);
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter || !accept(adapter.info)) return null;
  kept.push(gpu, adapter);
  const software = isSoftware(adapter.info);
  return { adapter, name: adapter.info.description || adapter.info.device, software };
}

async function loadDawn(): Promise<typeof import("webgpu")> {
  if (!dawn) {
    dawn = await import("webgpu").catch((cause: unknown) => {
      throw new KelvinError(
        "no-webgpu",
        `the package "webgpu" does not load here (${cause})`,
        "run npm ci on this machine",
      );
    });
    Object.assign(globalThis, dawn.globals);
  }
  return dawn;
}

function isSoftware(info: GPUAdapterInfo): boolean {
  return info.isFallbackAdapter || /llvmpipe|lavapipe|swiftshader/i.test(`${info.description} ${info.architecture}`);
}

/** Mesa's driver manifest: `lvp_icd.json`, or with the machine's architecture in its name. */
function lavapipeDriver(): string | undefined {
  const folders = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d", "/usr/local/share/vulkan/icd.d"];
  const named = callersDrivers.find((driver) => /lvp_icd[^:]*$/.test(driver ?? ""));
  return named ?? folders.flatMap((folder) => matches(folder, /^lvp_icd.*\.json$/)).at(0);
}

/** SwiftShader is installed with Chromium: the system's, or Playwright's in its cache. */
function swiftShaderDriver(): string | undefined {
  const cache = process.env["PLAYWRIGHT_BROWSERS_PATH"] ?? join(homedir(), ".cache/ms-playwright");
  const playwrights = matches(cache, /^chromium/).flatMap((folder) => matches(folder, /^chrome-/));
  const systems = [
    "/usr/lib/chromium",
    "/usr/lib/chromium-browser",
    "/usr/lib64/chromium-browser",
    "/opt/google/chrome",
    "/snap/chromium/current/usr/lib/chromium-browser",
  ];
  return [...systems, ...playwrights]
    .map((folder) => join(folder, "vk_swiftshader_icd.json"))
    .find((path) => existsSync(path));
}

function matches(folder: string, name: RegExp): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((entry) => name.test(entry))
    .sort()
    .map((entry) => join(folder, entry));
}

function missingHint(wanted: GpuChoice): string {
  switch (wanted) {
    case "hardware":
      return "no GPU with a Vulkan, Metal or Direct3D 12 driver was found";
    case "lavapipe":
      return "install Mesa's Vulkan drivers, version 25 or newer (Debian and Ubuntu: mesa-vulkan-drivers libvulkan1)";
    case "swiftshader":
      return "install Chromium, which brings SwiftShader, and libvulkan1";
    case "auto":
      return "run npm test once, which installs a software adapter, or install mesa-vulkan-drivers 25 or newer";
    default:
      return wanted satisfies never;
  }
}
