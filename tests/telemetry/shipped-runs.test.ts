import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const FOLDER = "public/runs";

it("each recorded run that ships names a log that ships, and its size", () => {
  const described = readdirSync(FOLDER).filter((name) => name.endsWith(".json"));
  expect(described.length).toBeGreaterThan(1);
  for (const name of described) {
    const { log } = JSON.parse(readFileSync(join(FOLDER, name), "utf8"));
    expect([name, statSync(join(FOLDER, log.file)).size]).toEqual([name, log.bytes]);
  }
});
