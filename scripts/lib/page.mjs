import { messageOf, projectRoot, SetUpError } from "./process.mjs";

/** @typedef {{ url: string, close: () => Promise<void> }} PageServer */

const usualPort = 5173;

/**
 * Builds the page into dist/app. Tests set another NODE_ENV and still get the page that visitors get.
 * @param {import("vite").BuildEnvironmentOptions} [options] another page, and another folder for it
 */
export async function buildPage(options = {}) {
  const { build } = await import("vite");
  const { NODE_ENV } = process.env;
  process.env.NODE_ENV = "production";
  try {
    await build({ root: projectRoot, logLevel: "warn", build: options });
  } catch (error) {
    throw new SetUpError(`the page does not build: ${messageOf(error)}`);
  } finally {
    if (NODE_ENV === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = NODE_ENV;
  }
}

/**
 * Serves a built page with the headers that it wants.
 * @param {number | undefined} port 0 for any free one; undefined for the usual one or the next free one
 * @param {string} [outDir] the folder it was built into
 * @returns {Promise<PageServer>}
 */
export async function servePage(port, outDir = "dist/app") {
  const { preview } = await import("vite");
  const options = { root: projectRoot, logLevel: /** @type {const} */ ("error"), build: { outDir } };
  const server = await preview({ ...options, preview: listenOn(port) }).catch(portTaken(port));
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
