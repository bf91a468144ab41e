import type { Command } from "./commands";

/** The page's end of the jail, handed to the trainer once. */
export interface VerifierPort {
  readonly type: "verifier";
  readonly port: MessagePort;
}

/** Why there will be no such port. */
export interface NoVerifier {
  readonly type: "no-verifier";
  readonly message: string;
  readonly hint: string;
}

/** Everything the page posts to the trainer. */
export type TrainerMessage = Command | VerifierPort | NoVerifier;
