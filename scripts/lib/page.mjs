import { projectRoot, SetUpError } from "./process.mjs";

/** @typedef {{ url: string, close: () => Promise<void> }} PageServer */

/** Builds the page into dist/app. */
export async function buildPage() {
  const { build } = await import("vite");
  try {
    await build({ root: projectRoot, logLevel: "warn" });
  } catch (error) {
    throw new SetUpError(`the page does not build: ${messageOf(error)}`);
  }
}

/**
 * Serves dist/app with the headers the page wants.
 * @param {number} port 0 for any free one; another is taken only if it is free
 * @returns {Promise<PageServer>}
 */
export async function servePage(port) {
  const { preview } = await import("vite");
  const options = { port, strictPort: true, host: "localhost" };
  const server = await preview({ root: projectRoot, logLevel: "error", preview: options }).catch(portTaken(port));
  return { url: localUrl(server.resolvedUrls), close: () => server.close() };
}

/**
 * Serves the sources; pages follow edits.
 * @param {number} port
 * @returns {Promise<PageServer>}
 */
export async function developPage(port) {
  const { createServer } = await import("vite");
  const server = await createServer({ root: projectRoot, server: { port, strictPort: true, host: "localhost" } });
  await server.listen().catch(portTaken(port));
  return { url: localUrl(server.resolvedUrls), close: () => server.close() };
}

/** @param {number} port */
function portTaken(port) {
  /**
   * @param {unknown} error
   * @returns {never}
   */
  return (error) => {
    throw new SetUpError(`port ${port} cannot be used (${messageOf(error)}): choose another with --port N`);
  };
}

/** @param {{ local: string[] } | null} urls */
function localUrl(urls) {
  const url = urls?.local[0];
  if (!url) throw new SetUpError("the server gave no address");
  return url;
}

/** @param {unknown} error */
function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
