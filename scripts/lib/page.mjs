import { projectRoot, SetUpError } from "./process.mjs";

/** Builds the page into dist/app. */
export async function buildPage() {
  const { build } = await import("vite");
  try {
    await build({ root: projectRoot, logLevel: "warn" });
  } catch (error) {
    throw new SetUpError(`the page does not build: ${error instanceof Error ? error.message : error}`);
  }
}

/**
 * Serves dist/app with the headers the page wants.
 * @param {number} port 0 for any free one
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export async function servePage(port) {
  const { preview } = await import("vite");
  const server = await preview({
    root: projectRoot,
    logLevel: "error",
    preview: { port, strictPort: port !== 0, host: "localhost" },
  });
  const url = server.resolvedUrls?.local[0];
  if (!url) throw new SetUpError("the server gave no address");
  return { url, close: () => server.close() };
}
