// npm run build: the page into dist/app, the command line into dist/cli.
import { bundleCommands } from "./lib/bundle.mjs";
import { ensureDependencies } from "./lib/dependencies.mjs";
import { buildPage } from "./lib/page.mjs";
import { runMain } from "./lib/process.mjs";

await runMain(async () => {
  ensureDependencies();
  await buildPage();
  console.log(`page          ${"dist/app"}\ncommand line  ${await bundleCommands()}`);
  return 0;
});
