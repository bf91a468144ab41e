/**
 * Everything in one classic script, as a page opened from disk needs it: no server, no module, no worker of its own. The
 * bytes of Python stand in the page; the verifier runs here and its interpreters in the jail as ever.
 */
import type { Verdict } from "../../../src/contracts";
import { openJail, type PYODIDE_FILES } from "../../../src/verify/jail-page";
import { verifierOverPort } from "../../../src/verify/port";

declare global {
  interface Window {
    /** Pyodide's files in base 64. */
    pyodideFiles: Readonly<Record<keyof typeof PYODIDE_FILES, string>>;
    judge(program: string, input: string, answer: string): Promise<Verdict[]>;
  }
}

const bytesOf = (text: string): ArrayBuffer =>
  Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer;

/** The ruling on the program as a proposal, and on the answer as its output. */
window.judge = async (program, input, answer) => {
  const { loader, factory, wasm, library } = window.pyodideFiles;
  const assets = {
    loader: bytesOf(loader),
    factory: bytesOf(factory),
    wasm: bytesOf(wasm),
    library: bytesOf(library),
    images: null,
  };
  const verifier = await verifierOverPort(await openJail({ folder: "", images: null, assets }), { spare: false });
  const [proposal] = await verifier.propose([{ program, inputs: [input] }]);
  const solved = await verifier.deduce([{ gold: proposal?.outputs[0] ?? "None", answer }]);
  await verifier.dispose();
  return [{ verdict: proposal!.verdict, reason: proposal!.reason }, ...solved];
};
