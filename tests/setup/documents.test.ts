import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

it("every test that docs/failures.md names is there", () => {
  const text = readFileSync("docs/failures.md", "utf8");
  const named = [...text.matchAll(/`((?:e2e|gpu|ui|model|workers|telemetry|download)\/[\w-]+)`/g)].map(
    ([, name]) => name ?? "",
  );
  expect(named.length).toBeGreaterThan(30);
  const absent = named.filter((name) => !existsSync(`tests/${name}.test.ts`));
  expect(absent).toEqual([]);
});
