/** Entry point of the trainer worker: receives commands and posts replies; the session does the work. Helpers run it too. */
import { isAdapterWish, type Reply, type TrainerMessage } from "../contracts";
import { HELPER, helpOwner } from "./helper";
import { TrainerSession } from "./session";

const scope = self as unknown as DedicatedWorkerGlobalScope;
if (scope.name === HELPER) helpOwner(scope);
else serve();

function serve(): void {
  // The page passes its own folder as the worker's name, because the worker's file lies elsewhere, with the adapter behind it.
  const root = new URL(scope.name);
  const wish = root.hash.slice(1);
  root.hash = "";
  const post = (reply: Reply) => scope.postMessage(reply);
  const session = new TrainerSession(root, post, isAdapterWish(wish) ? wish : "auto");
  scope.onmessage = ({ data }: MessageEvent<TrainerMessage>) => {
    if (data.type === "verifier") session.connect(data.port);
    else if (data.type === "no-verifier") session.disconnect(data);
    else session.handle(data);
  };
}
