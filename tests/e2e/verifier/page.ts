/** Opens the jail as the app does, and lets the test ask the worker behind it. */
import { openJail } from "../../../src/verify/jail-page";
import type { Answer, Question } from "./worker";

declare global {
  interface Window {
    /** Asks the worker; rejects with the worker's error text. */
    ask(question: Question): Promise<unknown>;
  }
}

/** Without their size, which only the progress needs. */
const SHIPPED = { address: "python-images", bytes: 0 };

const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
const waiting: ((answer: Answer) => void)[] = [];
worker.onmessage = ({ data }: MessageEvent<Answer>) => waiting.shift()?.(data);

function post(question: Question, transfer: Transferable[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    waiting.push((answer) => ("error" in answer ? reject(new Error(answer.error)) : resolve(answer.value)));
    worker.postMessage(question, transfer);
  });
}

window.ask = async (question) => {
  if (question.type === "judge" || question.type === "run") return post(question, []);
  let loaded = 0;
  const { folder = "pyodide/", images = SHIPPED } = question.type === "boot" ? question : {};
  const port = await openJail({ folder, images, onProgress: (bytes) => (loaded = bytes) });
  return { loaded, answer: await post({ ...question, port }, [port]) };
};
