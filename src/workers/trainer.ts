/** The trainer's entry: commands in, replies out. Everything happens in the session. */
import type { Reply, TrainerMessage } from "../contracts";
import { TrainerSession } from "./session";

const scope = self as unknown as DedicatedWorkerGlobalScope;
/** The page names its own folder: the worker's file lies elsewhere. */
const root = new URL(scope.name);
const session = new TrainerSession(root, (reply: Reply) => scope.postMessage(reply));

scope.onmessage = ({ data }: MessageEvent<TrainerMessage>) => {
  if (data.type === "verifier") session.connect(data.port);
  else if (data.type === "no-verifier") session.disconnect(data);
  else session.handle(data);
};
