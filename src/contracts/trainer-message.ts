import type { Command } from "./commands";

/** The port to the jail, handed to the trainer once. */
export interface VerifierPort {
  readonly type: "verifier";
  readonly port: MessagePort;
}

/** Says that there will be no such port, and why. */
export interface NoVerifier {
  readonly type: "no-verifier";
  readonly message: string;
  readonly hint: string;
}

/** Every message from the page to the trainer. */
export type TrainerMessage = Command | VerifierPort | NoVerifier;
