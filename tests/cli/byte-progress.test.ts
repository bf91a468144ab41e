import { describe, expect, it } from "vitest";
import { byteProgress } from "../../src/cli/byte-progress";

const SIZE = 250_000_000;
const STEP = 4_000_000;

/** What is written while a file comes in small parts. */
function written(isTTY: boolean, from = 0): string[] {
  const lines: string[] = [];
  const onBytes = byteProgress({ isTTY, write: (text) => lines.push(text) });
  onBytes(700, 700, "config.json");
  for (let loaded = from; loaded < SIZE; loaded += STEP) onBytes(loaded, SIZE, "model.safetensors");
  onBytes(SIZE, SIZE, "model.safetensors");
  onBytes(SIZE, SIZE, "model.safetensors");
  return lines;
}

describe("progress of a download", () => {
  it("is ten lines without a terminal, small files left out", () => {
    const lines = written(false);
    expect(lines.length).toBe(10);
    expect(lines[0]).toBe("model.safetensors: 28.0 of 250.0 MB\n");
    expect(lines.at(-1)).toBe("model.safetensors: 250.0 of 250.0 MB\n");
  });

  it("is one line on a terminal, written over and ended once", () => {
    const lines = written(true);
    expect(lines.length).toBeGreaterThan(60);
    expect(lines.every((line) => line.startsWith("\rmodel.safetensors: "))).toBe(true);
    expect(lines.filter((line) => line.endsWith("\n"))).toEqual(["\rmodel.safetensors: 250.0 of 250.0 MB\n"]);
  });

  it("says nothing of what is there already, and goes on where an earlier one ended", () => {
    expect(written(false, SIZE)).toEqual([]);
    expect(written(false, 200_000_000)).toEqual([
      "model.safetensors: 200.0 of 250.0 MB\n",
      "model.safetensors: 228.0 of 250.0 MB\n",
      "model.safetensors: 250.0 of 250.0 MB\n",
    ]);
  });
});
