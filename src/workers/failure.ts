import { type FailureReason, KelvinError, type Reply } from "../contracts";

const LOST = "Nothing that was kept is lost with it: open it again, and go on from the last checkpoint.";

interface Worded {
  readonly reason: FailureReason;
  readonly message: string;
  readonly hint: string;
}

/**
 * The reply for an error that ends a run. Environment failures have their own words; anything else is reported as our mistake.
 */
export function failureOf(error: unknown): Extract<Reply, { type: "failure" }> {
  return { type: "failure", ...worded(error, "Training stopped", "Reload the page to begin again.") };
}

/** The same for an error outside a run: only the request fails. */
export function refusalOf(error: unknown): Worded {
  return worded(error, "This could not be done", "Everything else goes on; try again, or reload the page.");
}

function worded(error: unknown, what: string, wayOn: string): Worded {
  if (error instanceof KelvinError) {
    const reason = error.reason === "input" ? "config" : error.reason;
    const hint = reason === "device-lost" ? LOST : error.hint;
    return { reason, message: error.message, hint };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { reason: "internal", message: `${what}: ${message}`, hint: `This is a mistake in Kelvin. ${wayOn}` };
}
