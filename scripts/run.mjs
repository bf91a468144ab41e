// npm run train|evaluate|verify|golden|pretrain|…: installs and bundles what is missing, then runs the command line.
import { bundleCommands } from "./lib/bundle.mjs";
import { ensureDependencies } from "./lib/dependencies.mjs";
import { runInForeground, runMain } from "./lib/process.mjs";

await runMain(async () => {
  ensureDependencies();
  const main = await bundleCommands();
  // Runs in the caller's folder, so that relative paths work.
  return runInForeground(process.execPath, ["--enable-source-maps", main, ...process.argv.slice(2)]);
});
