import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { countReport, programPart, skippedPart } from "../../scripts/lib/parts.mjs";

const folder = mkdtempSync(join(tmpdir(), "kelvin-report-"));
afterAll(() => rmSync(folder, { recursive: true }));

const passed = { status: "passed", fullName: "adds" };
const failed = { status: "failed", fullName: "multiplies" };
const skipped = { status: "pending", fullName: "divides" };

/** A report of vitest with these files, and what we make of it when vitest ended with `status`. */
function counted(
  files: readonly {
    readonly status: string;
    readonly assertionResults: readonly { status: string; fullName: string; failureMessages?: string[] }[];
  }[],
  status: number,
) {
  const report = { testResults: files.map((file) => ({ name: "a.test.ts", ...file })) };
  const path = join(folder, "report.json");
  writeFileSync(path, JSON.stringify(report));
  return countReport(path, status);
}

describe("counting a part of npm test", () => {
  it("counts passed, failed and skipped tests", () => {
    const files = [{ status: "failed", assertionResults: [passed, failed, skipped, passed] }];
    expect(counted(files, 1)).toMatchObject({
      passed: 2,
      failed: 1,
      skipped: 1,
      notes: ["failed: multiplies", "skipped: divides"],
    });
  });

  it("tells which test passed at the second try, and why it failed at the first", () => {
    const second = { ...passed, failureMessages: ["Error: 375 is not 360\n    at choice.test.ts:29"] };
    expect(counted([{ status: "passed", assertionResults: [second, passed] }], 0)).toMatchObject({
      ...{ passed: 2, failed: 0, notes: ["passed at the second try: adds: Error: 375 is not 360"] },
    });
  });

  it("counts a file that does not load as a failure", () => {
    const files = [
      { status: "passed", assertionResults: [passed] },
      { status: "failed", assertionResults: [] },
    ];
    expect(counted(files, 1)).toMatchObject({ passed: 1, failed: 1 });
  });

  it("counts an error outside any test as a failure", () => {
    expect(counted([{ status: "passed", assertionResults: [passed] }], 1)).toMatchObject({ passed: 1, failed: 1 });
  });

  it("counts a run without tests, or without a report, as a failure", () => {
    expect(counted([], 0)).toMatchObject({ passed: 0, failed: 1 });
    expect(countReport(join(folder, "absent.json"), 0)).toMatchObject({ passed: 0, failed: 1 });
  });

  it("takes a program's exit status", async () => {
    expect(await programPart("good", process.execPath, ["-e", ""])).toMatchObject({ passed: 1, failed: 0 });
    expect(await programPart("bad", process.execPath, ["-e", "process.exit(3)"])).toMatchObject({
      passed: 0,
      failed: 1,
    });
    expect(await programPart("absent", join(folder, "no-such-program"), [])).toMatchObject({ passed: 0, failed: 1 });
  });

  it("gives a skipped part its reason", () => {
    expect(skippedPart("gpu (lavapipe)", "no driver")).toMatchObject({ passed: 0, skipped: 1, notes: ["no driver"] });
  });
});
