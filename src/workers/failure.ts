import { KelvinError, type Reply } from "../contracts";

const LOST = "Nothing that was kept is lost with it: open it again, and go on from the last checkpoint.";

/** Environment failures carry their own words; anything else is a mistake of ours and says so. */
export function failureOf(error: unknown): Extract<Reply, { type: "failure" }> {
  if (error instanceof KelvinError) {
    const reason = error.reason === "input" ? "config" : error.reason;
    const hint = reason === "device-lost" ? LOST : error.hint;
    return { type: "failure", reason, message: error.message, hint };
  }
  const message = error instanceof Error ? error.message : String(error);
  const hint = "This is a mistake in Kelvin. Reload the page to begin again.";
  return { type: "failure", reason: "internal", message: `Training stopped: ${message}`, hint };
}
