/** Lets the test ask a worker to open a model, as the page asks its trainer. */
import type { ModelChoice, ModelDownload } from "../../../src/contracts";
import type { WholePath } from "../../shapes/whole-path";
import type { Opened } from "./worker";

declare global {
  interface Window {
    openModel(choice: ModelChoice | "chosen"): Promise<Opened>;
    wholePath(): Promise<WholePath>;
    downloads(remove?: string): Promise<readonly ModelDownload[] | null>;
  }
}

const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });

const chosen = () => [...(document.querySelector("input")?.files ?? [])];

/** The way of the picker's files through the engine; rejects with what the worker threw. */
window.wholePath = () =>
  new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<WholePath | { readonly failed: string }>) =>
      "failed" in data ? reject(new Error(data.failed)) : resolve(data);
    worker.postMessage({ through: chosen() });
  });

/** `chosen`: the files of the picker. */
window.openModel = (choice) =>
  new Promise((resolve) => {
    worker.onmessage = ({ data }: MessageEvent<Opened>) => resolve(data);
    worker.postMessage(choice === "chosen" ? { files: chosen() } : choice);
  });

/** What is kept, or null after something was removed. */
window.downloads = (remove) =>
  new Promise((resolve) => {
    worker.onmessage = ({ data }: MessageEvent<readonly ModelDownload[] | null>) => resolve(data);
    worker.postMessage(remove === undefined ? "list" : { remove });
  });
