/** What ends a command from outside, so that it can store what it has. */

/** From the keyboard, from a supervisor, and from a terminal that is closed. */
const ENDINGS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const LOOK_EVERY_MS = 500;
/** npm sets it for whatever it starts. */
const BY_NPM = "npm_lifecycle_event";
/** The environment of a process that is to outlive the one that starts it. */
export const OUTLIVING = { [BY_NPM]: "" };

/**
 * Calls back at the first such signal, or when the process that started this command has ended, because its signals no longer come.
 * A second signal ends the process at once. Only commands that npm started watch their parent: a person who starts one by hand may leave.
 * @returns a function that stops waiting
 */
export function onEnding(end: () => void): () => void {
  const parent = process.ppid;
  const stop = () => {
    clearInterval(timer);
    for (const name of ENDINGS) process.off(name, first);
  };
  const first = () => {
    stop();
    end();
  };
  const look = () => {
    if (process.ppid !== parent) first();
  };
  const timer = process.env[BY_NPM] ? setInterval(look, LOOK_EVERY_MS) : undefined;
  timer?.unref();
  for (const name of ENDINGS) process.once(name, first);
  return stop;
}
