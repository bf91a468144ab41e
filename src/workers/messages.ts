import type { Command } from "../contracts";

/** The page's end of the jail, handed to the trainer once. */
export interface VerifierPort {
  readonly type: "verifier";
  readonly port: MessagePort;
}

/** Everything the page posts to the trainer. */
export type TrainerMessage = Command | VerifierPort;
