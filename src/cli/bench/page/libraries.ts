/** Runs the command's measurement in this page. */
import { measure } from "../measure";

Object.assign(globalThis, { measure });
