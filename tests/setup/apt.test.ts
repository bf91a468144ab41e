import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { backportsSuite, distribution } from "../../scripts/lib/apt.mjs";

const bookworm =
  'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n';
const trixie = 'ID=debian\nVERSION_ID="13"\nVERSION_CODENAME=trixie\n';
const noble = 'ID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\nVERSION_CODENAME=noble\n';

let root = "";

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "kelvin-apt-"));
  mkdirSync(join(root, "etc/apt/sources.list.d"), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  writeFileSync(join(root, path), text);
}

function written(extension: "sources" | "list"): string | null {
  const path = join(root, `etc/apt/sources.list.d/kelvin-backports.${extension}`);
  return existsSync(path) ? readFileSync(path, "utf8") : null;
}

describe("distribution", () => {
  it("reads os-release", () => {
    write("etc/os-release", bookworm);
    expect(distribution(root)).toEqual({ id: "debian", version: 12, codename: "bookworm" });
  });

  it("is null where nothing says", () => {
    expect(distribution(root)).toBeNull();
  });
});

describe("backports of Debian 12", () => {
  beforeEach(() => write("etc/os-release", bookworm));

  it("repeats the machine's own stanza: same address and key, suite with -backports", () => {
    write(
      "etc/apt/sources.list.d/debian.sources",
      "Types: deb deb-src\n# a comment\nURIs: http://mirror.example/debian\nSuites: bookworm bookworm-updates\n" +
        "Components: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n\n" +
        "Types: deb\nURIs: http://mirror.example/debian-security\nSuites: bookworm-security\nComponents: main\n",
    );
    expect(backportsSuite(root)).toBe("bookworm-backports");
    expect(written("sources")).toBe(
      "Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm-backports\n" +
        "Components: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n",
    );
  });

  it("repeats a one-line entry with its options", () => {
    write(
      "etc/apt/sources.list",
      "# deb http://old.example bookworm main\ndeb-src http://mirror.example/debian bookworm main\n" +
        "deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian bookworm main contrib\n",
    );
    expect(backportsSuite(root)).toBe("bookworm-backports");
    expect(written("list")).toBe(
      "deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian bookworm-backports main contrib\n",
    );
  });

  it("adds nothing where a source names the suite already", () => {
    write("etc/apt/sources.list", "deb http://mirror.example/debian bookworm bookworm-backports main\n");
    expect(backportsSuite(root)).toBe("bookworm-backports");
    expect(written("list")).toBeNull();
  });

  it("passes over entries that are switched off, for sources only, or of another release", () => {
    write(
      "etc/apt/sources.list.d/a.sources",
      "Types: deb\nEnabled: no\nURIs: http://a.example\nSuites: bookworm\n\n" +
        "Types: deb-src\nURIs: http://b.example\nSuites: bookworm\n\nTypes: deb\nURIs: http://c.example\nSuites: trixie\n",
    );
    expect(backportsSuite(root)).toBeNull();
    expect(written("sources")).toBeNull();
  });
});

describe("distributions whose own Mesa is recent", () => {
  it.each([
    ["Debian 13", trixie],
    ["Ubuntu", noble],
  ])("%s installs from its own suite", (_, release) => {
    write("etc/os-release", release);
    write("etc/apt/sources.list", "deb http://mirror.example/debian trixie main\n");
    expect(backportsSuite(root)).toBeNull();
    expect(written("list")).toBeNull();
  });
});
