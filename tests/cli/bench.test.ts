import { afterEach, describe, expect, it, vi } from "vitest";
import { main } from "../../src/cli/bench";
import type { ContenderName } from "../../src/cli/bench/contender";
import { agreementNote, generation, matmul, products, training } from "../../src/cli/bench/libraries";
import { type Answer, repeated } from "../../src/cli/bench/measure";
import { medianOf } from "../../src/cli/bench/section";
import { figuresOf } from "../../src/cli/bench/verifier";
import { type Architecture, configOf, LARGE, MEDIUM, SMALL, stepFlops, weightsOf } from "../../src/cli/bench/workload";
import { parseConfig } from "../../src/model/config";
import { parameterLayout } from "../../src/model/parameters";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe("bench", () => {
  it("keeps the median of each figure on its own", async () => {
    const runs = [
      [3, 10],
      [1, 30],
      [2, 20],
    ].values();
    const measure = async () => [...runs.next().value!].map((value, at) => ({ name: `figure ${at}`, value, unit: "" }));
    expect((await medianOf(3, measure)).map(({ value }) => value)).toEqual([2, 20]);
  });

  it("says the time per literal answer in milliseconds", () => {
    const figures = figuresOf({ isolatedJobs: 1, pureJobs: 1, verdicts: 1, literals: 5000 });
    expect(figures.at(-1)).toEqual({ name: "time per literal answer", value: 0.2, unit: "ms" });
  });

  it("says why a section was skipped, and is machine-readable", async () => {
    vi.stubEnv("KELVIN_CHROMIUM", "");
    const lines: string[] = [];
    vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
    expect(await main(["--json", "--section", "verifier in Chromium"])).toBe(0);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({
      machine: expect.stringContaining("Node v"),
      sections: [{ name: "verifier in Chromium", figures: [], skipped: expect.stringContaining("no Chromium") }],
    });
  });

  it("refuses what it does not know", async () => {
    await expect(main(["--section", "moon"])).rejects.toThrow('there is no section "moon"');
    await expect(main(["everything"])).rejects.toThrow('there is no section "everything"');
    await expect(main(["verifier", "--adapter", "cray"])).rejects.toThrow("--adapter cray");
  });

  it("refuses a place that cannot take the figures before it measures any", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    await expect(main(["verifier", "--out", "tests"])).rejects.toThrow("tests is a folder");
    await expect(main(["verifier", "--out", "package.json/figures.json"])).rejects.toThrow(
      /package\.json is not a folder/,
    );
    expect(log).not.toHaveBeenCalled();
  });
});

describe("libraries side by side", () => {
  const answer = (milliseconds: number, result: readonly number[] = [1]): Answer => ({
    device: "a device",
    milliseconds,
    repetitions: 9,
    firstOnly: false,
    result,
  });

  it("are compared with the fastest of the others, and a reason stands where a figure is missing", async () => {
    const answers: Readonly<Record<ContenderName, Answer | string>> = {
      kelvin: answer(10),
      "kelvin-cpu-1": answer(16),
      "kelvin-cpu-2": answer(8),
      "kelvin-cpu-relaxed": "not asked",
      "jax-js": answer(40),
      "jax-js-wasm": answer(20),
      "tfjs-webgpu": { ...answer(25), firstOnly: true },
      "tfjs-wasm": answer(32),
      "onnxruntime-web": "it cannot",
    };
    const figures = await matmul(async (contender) => answers[contender]);
    expect(figures.slice(0, 10).map(({ name, note }) => [name, note])).toEqual([
      ["matmul 512: kelvin", undefined],
      ["matmul 512: kelvin-cpu-1", undefined],
      ["matmul 512: jax-js", undefined],
      ["matmul 512: jax-js-wasm", undefined],
      ["matmul 512: tfjs-webgpu", "one repetition, compilation included"],
      ["matmul 512: tfjs-wasm", undefined],
      ["matmul 512: onnxruntime-web", "it cannot"],
      ["matmul 512: kelvin / fastest peer on its device", undefined],
      ["matmul 512: kelvin-cpu-1 / fastest peer on the CPU", undefined],
      ["matmul 512: kelvin-cpu-1 / kelvin", undefined],
    ]);
    expect(figures[0]!.value).toBeCloseTo((2 * 512 ** 3) / 10 / 1e6);
    expect(figures[6]!.value).toBeNaN();
    expect(figures[7]!.value).toBeCloseTo(2.5);
    expect(figures[8]!.value).toBeCloseTo(20 / 16);
    expect(figures[9]!.value).toBeCloseTo(10 / 16);
  });

  it("say how fast ours multiplies in the shipped model's shapes, plain and relaxed", async () => {
    const figures = await products(async (contender, work) => {
      if (!("product" in work)) throw new Error("products only");
      const { rows, inputs, outputs } = work.product;
      return contender === "kelvin-cpu-relaxed" && rows === 64 ? "it cannot" : answer((rows * inputs * outputs) / 2e7);
    });
    expect(figures).toHaveLength(16);
    expect(figures[0]?.name).toBe("64 × 128 × 128: kelvin-cpu-1");
    expect(figures[0]?.value).toBeCloseTo(40);
    expect(figures[8]).toMatchObject({ name: "64 × 128 × 128: kelvin-cpu-relaxed", note: "it cannot" });
  });

  it("must agree in what they computed", async () => {
    expect(agreementNote([1, 2.0001], [1, 2])).toBe("");
    expect(agreementNote([1, 2.1], [1, 2])).toMatch(/NOT THE SAME RESULT/);
    expect(agreementNote([1], [1, 2])).toMatch(/NOT THE SAME RESULT/);
    expect(agreementNote([Number.NaN, 2], [1, 2])).toMatch(/NOT THE SAME RESULT/);
  });

  it("say their step as a share of their products, from the arithmetic of both", async () => {
    const figures = await training(async (contender, work) =>
      contender === "kelvin" ? answer("matmul" in work ? 2 : stepFlops(SMALL) / 2 ** 30) : "not asked",
    );
    // The step does 2^30 operations per millisecond and so does the product.
    const share = figures.find(({ name }) => name === "training 0.8 M: share of kelvin's matmul");
    expect(share!.value).toBeCloseTo(100);
  });

  it("write the same tokens, one sequence alone and many at a time", async () => {
    const figures = await generation(async (contender, work) => {
      if (contender === "jax-js" || !("sequences" in work)) return "not asked";
      // Any number of sequences in the same time; one of the others writes something else.
      const milliseconds = { kelvin: 32, "kelvin-cpu-2": 160 }[contender as string] ?? 320;
      return answer(milliseconds, contender === "onnxruntime-web" ? [3, 8] : [3, 7]);
    });
    const value = (name: string) => figures.find((figure) => figure.name === name)!;
    expect(value("generation 0.8 M, 1 at a time: kelvin").value).toBeCloseTo(1000);
    expect(value("generation 0.8 M, 8 at a time: tfjs-webgpu").value).toBeCloseTo(800);
    expect(value("generation 0.8 M, 8 at a time: tfjs-webgpu").note).toBeUndefined();
    expect(value("generation 0.8 M, 8 at a time: onnxruntime-web").note).toMatch(/NOT THE SAME RESULT/);
    expect(value("generation 0.8 M, 64 at a time: kelvin-cpu-2 / kelvin-cpu-1").value).toBeCloseTo(2);
    expect(value("generation 0.8 M, 64 at a time: kelvin-cpu-2 / kelvin").value).toBeCloseTo(0.2);
    expect(value("generation 0.8 M: kelvin, 64 at a time / 1").value).toBeCloseTo(64);
  });

  it("are timed in stretches, the first repetition aside unless it took all the time there was", async () => {
    let calls = 0;
    const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
    const work = {
      run: (times: number) => wait(calls++ === 0 ? 60 : times * 5).then(() => {}),
      result: async () => [7],
    };
    expect(await repeated(work, 10)).toMatchObject({ repetitions: 1, firstOnly: true, result: [7] });
    calls = 0;
    const found = await repeated(work, 300);
    expect(found.firstOnly).toBe(false);
    expect(found.milliseconds).toBeGreaterThan(4);
    expect(found.milliseconds).toBeLessThan(40);
  });
});

describe("the workload", () => {
  it("has the number of parameters its name says", () => {
    const millions = (architecture: Architecture) =>
      weightsOf(architecture).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0) / 1e6;
    expect(millions(SMALL)).toBeCloseTo(0.82, 2);
    expect(millions(MEDIUM)).toBeCloseTo(6.1, 1);
    expect(millions(LARGE)).toBeCloseTo(101, 0);
  });

  it("names tensors that the engine knows, with their shapes", () => {
    const { parameters } = parameterLayout(parseConfig(configOf(SMALL)));
    const shapes = new Map(parameters.map(({ name, shape }) => [name, shape.join()]));
    expect(new Map(weightsOf(SMALL).map(({ name, shape }) => [name, shape.join()]))).toEqual(shapes);
  });
});
