/**
 * Everything in one classic script, as a page opened from disk needs it: no server, no module, no worker of its own. The
 * bytes of Python stand in the page; the verifier runs here and its interpreters in the jail as ever.
 */
import type { Verdict } from "../../../src/contracts";
import { openJail } from "../../../src/verify/jail-page";
import type { JailAssets } from "../../../src/verify/jail-protocol";
import { verifierOverPort } from "../../../src/verify/port";

declare global {
  interface Window {
    /** Python's files in base 64. */
    pythonFiles: Readonly<Record<keyof JailAssets, string>>;
    judge(program: string, input: string, answer: string): Promise<Verdict[]>;
  }
}

const bytesOf = (text: string): ArrayBuffer =>
  Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer;

/** The ruling on the program as a proposal, and on the answer as its output. */
window.judge = async (program, input, answer) => {
  const { loader, factory, wasm, images } = window.pythonFiles;
  const assets = {
    loader: bytesOf(loader),
    factory: bytesOf(factory),
    wasm: bytesOf(wasm),
    images: bytesOf(images),
  };
  const port = await openJail({ folder: "", images: { address: "", bytes: 0 }, assets });
  const verifier = await verifierOverPort(port, { spare: false });
  const [proposal] = await verifier.propose([{ program, inputs: [input] }]);
  const solved = await verifier.deduce([{ gold: proposal?.outputs[0] ?? "None", answer }]);
  await verifier.dispose();
  return [{ verdict: proposal!.verdict, reason: proposal!.reason }, ...solved];
};
