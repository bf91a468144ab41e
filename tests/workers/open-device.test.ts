import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openAdapter } from "../../src/workers/open-device";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** A browser whose WebGPU answers with this adapter; null if it has none to give. */
function browserWith(info: { readonly vendor: string; readonly description: string } | null): void {
  const adapter = info && { info: { architecture: "", device: "", ...info }, features: new Set(), limits: {} };
  vi.stubGlobal("navigator", { gpu: { requestAdapter: async () => adapter } });
}

const card = { vendor: "maker", description: "a card" };
const rasteriser = { vendor: "google", description: "SwiftShader Device" };
const CPU = "CPU (WebAssembly SIMD)";
const nameOf = async (wish: Parameters<typeof openAdapter>[0]) => (await openAdapter(wish)).name;

describe("where a page trains by itself", () => {
  it("is a graphics card if there is one, and the processor beside a rasteriser or without WebGPU", async () => {
    browserWith(card);
    expect(await nameOf("auto")).toBe("a card");
    browserWith(rasteriser);
    expect(await nameOf("auto")).toBe(CPU);
    browserWith(null);
    expect(await nameOf("auto")).toBe(CPU);
    vi.stubGlobal("navigator", {});
    expect(await nameOf("auto")).toBe(CPU);
  });

  it("is a rasteriser where WebAssembly's SIMD is missing, and nothing where that is missing too", async () => {
    vi.spyOn(WebAssembly, "validate").mockReturnValue(false);
    browserWith(rasteriser);
    expect(await nameOf("auto")).toBe("SwiftShader Device");
    browserWith(null);
    await expect(openAdapter("auto")).rejects.toMatchObject({ reason: "no-webgpu", message: "" });
  });
});

describe("a GPU that never answers", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("navigator", { gpu: { requestAdapter: () => new Promise(() => {}) } });
  });
  afterEach(() => void vi.useRealTimers());

  it("leaves the processor, after twenty seconds", async () => {
    const opening = nameOf("auto");
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await opening).toBe(CPU);
  });

  it("is missing where it is wished for", async () => {
    const opening = openAdapter("gpu").catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await opening).toMatchObject({ reason: "no-webgpu" });
  });
});

describe("where a visitor wants to train", () => {
  it("is taken, also where another adapter would be faster", async () => {
    browserWith(rasteriser);
    expect(await nameOf("gpu")).toBe("SwiftShader Device");
    browserWith(card);
    expect(await nameOf("cpu")).toBe(CPU);
    expect(await nameOf("cpu-relaxed")).toBe("CPU (WebAssembly relaxed SIMD)");
  });

  it("is not exchanged for another in silence", async () => {
    browserWith(null);
    await expect(openAdapter("gpu")).rejects.toMatchObject({ reason: "no-webgpu" });
    vi.spyOn(WebAssembly, "validate").mockReturnValue(false);
    browserWith(card);
    const opened = await openAdapter("cpu");
    await expect(opened.open()).rejects.toMatchObject({ reason: "no-webassembly" });
  });
});
