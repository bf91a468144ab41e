import { bundleCommands } from "../../scripts/lib/bundle.mjs";

/**
 * Before a test project: the bundled command line, for tests that start commands or threads; `KELVIN_CLI` is its path.
 * When it does not build, only the tests that ask for it fail.
 */
export default async function setUp(): Promise<void> {
  try {
    process.env["KELVIN_CLI"] = await bundleCommands();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
  }
}
