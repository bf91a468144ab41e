/** `export --run RUN --format handover`: a folder with which another trainer goes on. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { KelvinError } from "../contracts";
import { handover } from "../handover/bundle";
import { requireFolder, storing } from "./disk";
import { COMPANIONS } from "./model-folder";
import { ADAPTER, readCheckpoint, readEvents } from "./run-folder";
import { defaultSuites, findSuite } from "./suites";

/** @throws KelvinError "input" for a run without checkpoint or tasks, or a folder that has files, unless `replace` is set */
export async function exportHandover(run: string, out: string, replace: boolean): Promise<void> {
  requireFolder(out);
  if (existsSync(out) && readdirSync(out).length > 0 && !replace)
    throw new KelvinError("input", `${out} has files`, "name another --out, or write over them with --force");
  const {
    saved,
    folder: { path: folder },
  } = await readCheckpoint(run);
  const suites = saved.suites.length > 0 ? saved.suites.map((name) => findSuite(name, folder)) : defaultSuites(folder);
  const bundle = handover({
    events: readEvents(run),
    files: new Map(modelFiles(folder)),
    heldOut: suites.flatMap(({ tasks }) => tasks),
    withChat: saved.run.chat !== "off",
  });
  storing(out, () => {
    for (const [path, bytes] of bundle) {
      const place = join(out, path);
      mkdirSync(dirname(place), { recursive: true });
      writeFileSync(place, bytes, { mode: path.endsWith(".sh") ? 0o755 : 0o644 });
    }
  });
  console.log(`${out}: ${bundle.size} files; README.md says how to go on`);
}

/** The model in a checkpoint, and the adapter's files. */
function* modelFiles(folder: string): Generator<[string, Uint8Array]> {
  for (const name of ["model.safetensors", ...COMPANIONS])
    if (existsSync(join(folder, name))) yield [name, readFileSync(join(folder, name))];
  const adapter = join(folder, ADAPTER);
  for (const name of existsSync(adapter) ? readdirSync(adapter) : [])
    yield [`${ADAPTER}/${name}`, readFileSync(join(adapter, name))];
}
