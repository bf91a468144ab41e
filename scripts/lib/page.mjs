import { messageOf, projectRoot, SetUpError } from "./process.mjs";

/** @typedef {{ url: string, close: () => Promise<void> }} PageServer */

const usualPort = 5173;

/** Builds the page into dist/app. Tests set another NODE_ENV and still get the page that visitors get. */
export async function buildPage() {
  const { build } = await import("vite");
  const { NODE_ENV } = process.env;
  process.env.NODE_ENV = "production";
  try {
    await build({ root: projectRoot, logLevel: "warn" });
  } catch (error) {
    throw new SetUpError(`the page does not build: ${messageOf(error)}`);
  } finally {
    if (NODE_ENV === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = NODE_ENV;
  }
}

/**
 * Serves dist/app with the headers that the page wants.
 * @param {number | undefined} port 0 for any free one; undefined for the usual one or the next free one
 * @returns {Promise<PageServer>}
 */
export async function servePage(port) {
  const { preview } = await import("vite");
  const options = listenOn(port);
  const server = await preview({ root: projectRoot, logLevel: "error", preview: options }).catch(portTaken(port));
  return { url: localUrl(server.resolvedUrls), close: () => server.close() };
}

/**
 * Serves the sources and reloads after edits.
 * @param {number | undefined} port
 * @returns {Promise<PageServer>}
 */
export async function developPage(port) {
  const { createServer } = await import("vite");
  const server = await createServer({ root: projectRoot, server: listenOn(port) });
  await server.listen().catch(portTaken(port));
  return { url: localUrl(server.resolvedUrls), close: () => server.close() };
}

/** @param {number | undefined} port */
function listenOn(port) {
  return { port: port ?? usualPort, strictPort: port !== undefined, host: "127.0.0.1" };
}

/** @param {number | undefined} port */
function portTaken(port) {
  /**
   * @param {unknown} error
   * @returns {never}
   */
  return (error) => {
    throw new SetUpError(
      `port ${port ?? usualPort} cannot be used (${messageOf(error)}): choose another with --port N`,
    );
  };
}

/** @param {{ local: string[] } | null} urls */
function localUrl(urls) {
  const url = urls?.local[0];
  if (!url) throw new SetUpError("the server gave no address");
  return url;
}
