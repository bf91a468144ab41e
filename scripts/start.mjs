// npm start [-- --port N]: installs what is missing, builds and serves the page, and opens a browser if there is one.
// npm run dev: the same with vite's development server, which rebuilds after edits.
import { spawn } from "node:child_process";
import { ensureDependencies } from "./lib/dependencies.mjs";
import { buildPage, developPage, servePage } from "./lib/page.mjs";
import { runMain } from "./lib/process.mjs";

/**
 * @param {readonly string[]} argv
 * @returns {{ port?: number, dev: boolean } | string} options, or the error in them
 */
function readOptions(argv) {
  /** @type {{ port?: number, dev: boolean }} */
  const options = { dev: false };
  for (let index = 0; index < argv.length; index++) {
    const argument = argv[index] ?? "";
    if (argument === "--dev") options.dev = true;
    else if (argument === "--port" || argument.startsWith("--port=")) {
      const value = argument.includes("=") ? argument.slice("--port=".length) : argv[++index];
      if (!/^\d+$/.test(value ?? "") || Number(value) > 65535)
        return `--port wants a number from 0 to 65535, not "${value ?? ""}"`;
      options.port = Number(value);
    } else return `unknown option ${argument}; npm start -- [--port N]`;
  }
  return options;
}

/**
 * Opens the reader's browser, except on CI, without a terminal or without a display.
 * @param {string} url
 */
function openBrowser(url) {
  const headless = process.platform === "linux" && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY;
  if (process.env.CI || !process.stdout.isTTY || headless) return;
  /** @type {Partial<Record<NodeJS.Platform, [string, string[]]>>} */
  const openers = { darwin: ["open", [url]], win32: ["cmd", ["/c", "start", "", url]] };
  const [program, args] = openers[process.platform] ?? ["xdg-open", [url]];
  const child = spawn(program, args, { stdio: "ignore", detached: true });
  // The address is on the terminal; a missing opener must not stop the server.
  child.on("error", () => {});
  child.unref();
}

/** @param {readonly string[]} argv */
async function main(argv) {
  const options = readOptions(argv);
  if (typeof options === "string") {
    console.error(`kelvin: ${options}`);
    return 2;
  }
  ensureDependencies();
  if (!options.dev) await buildPage();
  const server = await (options.dev ? developPage(options.port) : servePage(options.port));
  console.log(`Kelvin: ${server.url}`);
  openBrowser(server.url);
  return 0;
}

await runMain(() => main(process.argv.slice(2)));
