/** Lets the test ask a worker to open a model, as the page asks its trainer. */
import type { ModelChoice, ModelDownload } from "../../../src/contracts";
import type { Opened } from "./worker";

declare global {
  interface Window {
    openModel(choice: ModelChoice | "chosen"): Promise<Opened>;
    downloads(remove?: string): Promise<readonly ModelDownload[] | null>;
  }
}

const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });

/** `chosen`: the files of the picker. */
window.openModel = (choice) =>
  new Promise((resolve) => {
    worker.onmessage = ({ data }: MessageEvent<Opened>) => resolve(data);
    const picker = document.querySelector("input");
    worker.postMessage(choice === "chosen" ? { files: [...(picker?.files ?? [])] } : choice);
  });

/** What is kept, or null after something was removed. */
window.downloads = (remove) =>
  new Promise((resolve) => {
    worker.onmessage = ({ data }: MessageEvent<readonly ModelDownload[] | null>) => resolve(data);
    worker.postMessage(remove === undefined ? "list" : { remove });
  });
