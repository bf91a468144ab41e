/** Measures what the command asks for in this page. */
import { measure } from "../measure";

Object.assign(globalThis, { measure });
