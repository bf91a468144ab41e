/** Runs the command's measurement in this page. */
import { helpersFor } from "../../../cpu/adapter";
import { channelTo } from "../../../cpu/browser-channel";
import type { Threads } from "../../../device/helpers";
import { measure, type Question } from "../measure";

const spawn = () => channelTo(new Worker(new URL("./helper.ts", import.meta.url), { type: "module" }));

const threads = (workers: number): Threads => ({ count: helpersFor(workers), spawn });

Object.assign(globalThis, { measure: (question: Question) => measure(question, threads) });
