import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type PageServer, servePage } from "../../scripts/lib/page.mjs";

const SECRET = "a secret beside the page";

let folder: string;
let server: PageServer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "kelvin-served-"));
  const page = join(folder, "page");
  mkdirSync(join(page, "assets"), { recursive: true });
  writeFileSync(join(page, "index.html"), "<!doctype html><title>page</title>");
  writeFileSync(join(page, "assets/worker.js"), "0;");
  writeFileSync(join(folder, "secret.txt"), SECRET);
  symlinkSync(join(folder, "secret.txt"), join(page, "link.txt"));
  symlinkSync(folder, join(page, "out"));
  server = await servePage(0, page);
});
afterAll(async () => {
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Asks for a path as it is written: `fetch` would tidy it up first. */
function ask(path: string, headers: Record<string, string> = {}) {
  const { hostname, port } = new URL(server.url);
  return new Promise<{ status: number; headers: Record<string, unknown>; body: string }>((resolve, reject) => {
    const asked = request({ hostname, port, path, headers }, async (response) => {
      let body = "";
      for await (const part of response) body += part;
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
    });
    asked.on("error", reject).end();
  });
}

describe("the page's server", () => {
  it.each([
    "/../secret.txt",
    "/assets/../../secret.txt",
    "/%2e%2e/secret.txt",
    "/..%2fsecret.txt",
    "/%252e%252e%252fsecret.txt",
    "/..\\secret.txt",
    "/..%5csecret.txt",
    "//secret.txt/../../secret.txt",
    "/link.txt",
    "/out/secret.txt",
    "/%ff",
    "/a%00b",
  ])("serves nothing from outside its folder at %s", async (path) => {
    const { status, body } = await ask(path);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(body).not.toContain(SECRET);
  });

  it("serves no absolute path of the machine", async () => {
    const { body } = await ask(join(folder, "secret.txt"));
    expect(body).not.toContain(SECRET);
  });

  it("refuses a name that is not this machine's, which a stranger's page may have pointed here", async () => {
    expect((await ask("/", { host: "stranger.example" })).status).toBe(403);
    expect((await ask("/")).status).toBe(200);
  });

  it("sends the page's policy with the page, and the workers' with scripts", async () => {
    const page = (await ask("/")).headers;
    expect(page).toMatchObject({
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
    });
    expect(page["permissions-policy"]).toContain("camera=()");
    expect(page["content-security-policy"]).toContain("connect-src 'self' data:;");
    expect(page["content-security-policy"]).toContain("require-trusted-types-for 'script'");
    expect(page["content-security-policy"]).not.toMatch(/'unsafe-eval'|script-src[^;]*'unsafe-inline'|\*/);
    expect((await ask("/assets/worker.js")).headers["content-security-policy"]).toContain("connect-src 'self' https:");
  });
});
