/** Entry point of the trainer worker: receives commands and posts replies; the session does the work. */
import type { Reply, TrainerMessage } from "../contracts";
import { TrainerSession } from "./session";

const scope = self as unknown as DedicatedWorkerGlobalScope;
/** The page passes its own folder as the worker's name, because the worker's file lies elsewhere. */
const root = new URL(scope.name);
const session = new TrainerSession(root, (reply: Reply) => scope.postMessage(reply));

scope.onmessage = ({ data }: MessageEvent<TrainerMessage>) => {
  if (data.type === "verifier") session.connect(data.port);
  else if (data.type === "no-verifier") session.disconnect(data);
  else session.handle(data);
};
