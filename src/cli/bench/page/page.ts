/** Opens the jail as the app does; a worker measures; the command reads the result. */
import pythonImages from "kelvin:python-images";
import { openJail } from "../../../verify/jail-page";
import type { BrowserSpeed } from "./worker";

async function measure(): Promise<BrowserSpeed> {
  const start = performance.now();
  const port = await openJail({ folder: "pyodide/", images: pythonImages });
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const answer = await new Promise<BrowserSpeed | string>((resolve) => {
    worker.onmessage = ({ data }: MessageEvent<BrowserSpeed | string>) => resolve(data);
    worker.postMessage({ port, opened: performance.now() - start }, [port]);
  });
  worker.terminate();
  if (typeof answer === "string") throw new Error(answer);
  return answer;
}

Object.assign(globalThis, { measure });
