import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { withoutDawnNotices } from "../../scripts/lib/process.mjs";

/** What a program did: `files` are those of its folder afterwards, in order. */
export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly files: readonly string[];
}

/** An empty folder of its own in which commands run, so that whatever they write is seen. */
export class CommandFolder {
  readonly path = mkdtempSync(join(tmpdir(), "kelvin-commands-"));

  write(name: string, content: string | Uint8Array): void {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }

  files(): string[] {
    return readdirSync(this.path, { recursive: true, encoding: "utf8" }).sort();
  }

  /** The bundled command line. */
  kelvin(...args: string[]): Outcome {
    return this.run(process.env["KELVIN_CLI"] ?? "", args);
  }

  /** A program of `scripts/`. */
  script(name: string, ...args: string[]): Outcome {
    return this.run(join(process.cwd(), "scripts", name), args);
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }

  private run(program: string, args: readonly string[]): Outcome {
    const options = { cwd: this.path, encoding: "utf8", timeout: 30_000 } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], options);
    return { status, stdout, stderr: withoutDawnNotices(stderr), files: this.files() };
  }
}

/** Bad input: one line on stderr that names what is wrong, exit status 2, nothing printed, nothing written. */
export function expectRefused(outcome: Outcome, names: RegExp, files: readonly string[] = []): void {
  expect(outcome.stderr).toMatch(/^kelvin: [^\n]+\n$/);
  expect(outcome.stderr).toMatch(names);
  expect(outcome).toMatchObject({ status: 2, stdout: "", files });
}
