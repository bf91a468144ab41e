import { bundleCommands } from "../../scripts/lib/bundle.mjs";

/** Before a test project: the bundled command line, for tests that start commands or threads. `KELVIN_CLI` is its path. */
export default async function setUp(): Promise<void> {
  process.env["KELVIN_CLI"] = await bundleCommands();
}
