/** Runs the command's measurement in this page. */
import { pageThreads } from "../../../workers/helper-threads";
import { measure, type Question } from "../measure";

Object.assign(globalThis, { measure: (question: Question) => measure(question, pageThreads) });
