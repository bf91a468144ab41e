import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { isInstalled, requireNode } from "../../scripts/lib/dependencies.mjs";

const folder = mkdtempSync(join(tmpdir(), "kelvin-packages-"));
afterAll(() => rmSync(folder, { recursive: true }));

const lock = {
  "": { version: "0.1.0" },
  "node_modules/lit": { version: "3.3.3" },
  "node_modules/vite": { version: "8.0.0" },
  "node_modules/for-another-platform": { version: "1.0.0", optional: true },
};

/** Whether a machine with these packages satisfies `lock`. */
function satisfied(installed: Readonly<Record<string, { version: string }>>): boolean {
  const [lockFile, installedFile] = [join(folder, "package-lock.json"), join(folder, "installed.json")];
  writeFileSync(lockFile, JSON.stringify({ packages: lock }));
  writeFileSync(installedFile, JSON.stringify({ packages: installed }));
  return isInstalled(lockFile, installedFile);
}

describe("packages", () => {
  it("are installed when all that this platform needs is there, in the right versions", () => {
    expect(satisfied({ "node_modules/lit": { version: "3.3.3" }, "node_modules/vite": { version: "8.0.0" } })).toBe(
      true,
    );
  });

  it("are not, when one is missing or of another version", () => {
    expect(satisfied({ "node_modules/lit": { version: "3.3.3" } })).toBe(false);
    expect(satisfied({ "node_modules/lit": { version: "3.3.2" }, "node_modules/vite": { version: "8.0.0" } })).toBe(
      false,
    );
  });

  it("are not, without node_modules", () => {
    expect(isInstalled(join(folder, "package-lock.json"), join(folder, "absent.json"))).toBe(false);
  });
});

describe("Node", () => {
  it.each(["20.19.0", "20.20.2", "22.1.0", "24.0.0"])("%s will do", (version) => {
    expect(() => requireNode(version)).not.toThrow();
  });

  it.each(["18.20.0", "20.18.1"])("%s is refused", (version) => {
    expect(() => requireNode(version)).toThrow(/20\.19 or newer is needed; this is/);
  });
});
