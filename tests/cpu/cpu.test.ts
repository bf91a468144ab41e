import { afterEach, describe, expect, it, vi } from "vitest";
import { cpuModule } from "../../scripts/lib/cpu-modules.mjs";
import { openNodeAdapter } from "../../src/cli/node-adapter";
import { KelvinError } from "../../src/contracts";
import { Cpu } from "../../src/cpu/cpu";
import { view } from "../../src/device/device";
import { openEngine } from "../../src/model/engine";
import { rowsOps } from "../../src/ops/rows";

afterEach(() => vi.restoreAllMocks());

const open = (): Promise<Cpu> => Cpu.open({ simd: "plain" });

describe("the CPU engine's modules", () => {
  it.each(["plain", "relaxed"] as const)("are small: %s", async (simd) => {
    expect((await cpuModule(simd)).length).toBeLessThanOrEqual(40 * 1024);
  });

  it("ask the host for memory and nothing else: no clock, no arithmetic of its own", async () => {
    const imports = WebAssembly.Module.imports(new WebAssembly.Module(Uint8Array.from(await cpuModule("plain"))));
    expect(imports.map(({ name }) => name).filter((name) => name !== "abort")).toEqual(["memory"]);
  });
});

describe("the memory of the CPU engine", () => {
  it("is zero at first, also where it was used before", async () => {
    const cpu = await open();
    const old = cpu.storage("old", 1000);
    cpu.write(old, new Float32Array(1000).fill(7));
    cpu.destroyBuffer(old);
    const fresh = cpu.storage("fresh", 500);
    expect(await cpu.readFloats(view(fresh))).toEqual(new Float32Array(500));
    expect(cpu.counters).toMatchObject({ buffers: 2, bytes: 2000 });
  });

  it("keeps what it holds when it grows", async () => {
    const cpu = await open();
    const first = cpu.storage("first", 4);
    cpu.write(first, Float32Array.of(1, 2, 3, 4));
    const large = cpu.storage("large", 2 ** 22);
    cpu.write(large, Float32Array.of(5), 4 * (2 ** 22 - 1));
    expect([...(await cpu.readFloats(view(first)))]).toEqual([1, 2, 3, 4]);
    expect((await cpu.readFloats(view(large))).at(-1)).toBe(5);
  });

  it("says in one line that it cannot grow, gives back what was taken, and goes on", async () => {
    const cpu = await open();
    cpu.destroyBuffer(cpu.storage("there", 64));
    vi.spyOn(WebAssembly.Memory.prototype, "grow").mockImplementation(() => {
      throw new RangeError("WebAssembly.Memory.grow(): Unable to grow instance memory");
    });
    const failure = await cpu
      .allocate(async () => [cpu.storage("some", 64), cpu.storage("weights", 2 ** 24)])
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(KelvinError);
    expect(failure).toMatchObject({
      reason: "out-of-memory",
      message: expect.stringMatching(/^weights needs .* cannot grow/),
    });
    expect(cpu.counters.bytes).toBe(0);
    cpu.check();
    vi.restoreAllMocks();
    expect(cpu.storage("weights", 2 ** 24).size).toBe(2 ** 26);
  });

  it("ends at 4 GiB: a larger model is refused before anything is taken", async () => {
    const adapter = { ...(await openNodeAdapter("cpu")) };
    const engine = await openEngine(adapter);
    const before = adapter.availableBytes();
    expect(before).toBeLessThan(2 ** 32);
    const shape = { hidden_size: 4096, intermediate_size: 14336, num_hidden_layers: 32, vocab_size: 128256 };
    const config = {
      model_type: "llama",
      num_attention_heads: 32,
      num_key_value_heads: 8,
      rms_norm_eps: 1e-5,
      rope_theta: 1e4,
      tie_word_embeddings: false,
      max_position_embeddings: 256,
      eos_token_id: 1,
      ...shape,
    };
    expect(engine.memoryNeed(config, null).total).toBeGreaterThan(2 ** 32);
    expect(engine.device.counters.bytes).toBe(0);
  });
});

describe("a kernel of the CPU engine", () => {
  it("refuses other buffers than it has, and what the module lacks", async () => {
    const cpu = await open();
    const rows = rowsOps(cpu);
    const [index, x, y] = ["index", "x", "y"].map((label) => view(cpu.storage(label, 16)));
    expect(() => rows.gather(1, 4, { ...index!, halves: true }, x!, y!)).toThrow(/rows.gather: index holds float16/);
    const spec = { name: "rows.none", code: "", entry: "none", uniforms: {}, bindings: {} };
    expect(() => cpu.kernel(spec)).toThrow("rows.none: the CPU module has no rows_none");
  });

  it("lets the event loop have its turn while a long step goes on", async () => {
    const cpu = await open();
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const end = performance.now() + 200;
    while (performance.now() < end) await cpu.breathe();
    clearInterval(timer);
    expect(turns).toBeGreaterThan(3);
  });
});

describe("a browser that cannot run it", () => {
  it("is told what is missing: WebAssembly's SIMD, relaxed SIMD, or WebAssembly itself", async () => {
    const validate = vi.spyOn(WebAssembly, "validate").mockReturnValue(false);
    await expect(open()).rejects.toMatchObject({
      reason: "no-webassembly",
      message: expect.stringContaining("SIMD is missing"),
    });
    validate.mockReturnValueOnce(false).mockReturnValue(true);
    await expect(Cpu.open({ simd: "relaxed" })).rejects.toMatchObject({ hint: expect.stringContaining("plain SIMD") });
    vi.spyOn(WebAssembly, "instantiate").mockRejectedValue(new WebAssembly.CompileError("blocked by CSP"));
    await expect(open()).rejects.toMatchObject({
      reason: "no-webassembly",
      message: expect.stringContaining("blocked by CSP"),
    });
  });
});
