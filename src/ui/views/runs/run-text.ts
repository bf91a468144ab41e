/** Texts about a stored run. */
import { chosenFolder, isHeadline, type ListedRun, partsOf, shareIn } from "../../../contracts";
import { percent, signed, whole } from "../../format";

const STATUS: Readonly<Record<ListedRun["status"], string>> = {
  running: "on now",
  kept: "can go on",
  done: "finished",
  failed: "broke off",
  recorded: "a recording",
};

/** Whether a run can be resumed; an interrupted run continues from its last checkpoint, be it only to be measured at its end. */
export function canGoOn({ status, checkpoint, run, busy }: ListedRun): boolean {
  return !busy && (status === "kept" || status === "failed") && checkpoint !== null && checkpoint <= run.steps;
}

/** The folder to choose before resuming; null if the model is loaded or can be loaded. */
export function folderToChoose(run: ListedRun, digestInUse: string | undefined): string | null {
  const folder = chosenFolder(run.run.model);
  return digestInUse !== undefined && digestInUse === run.model.digest ? null : folder;
}

/** "12 of 60 steps, can go on from step 10". */
export function progressText({ steps, run, status, checkpoint, busy }: ListedRun): string {
  const state = busy ? STATUS.running : STATUS[status];
  const from =
    !busy && status === "kept" && checkpoint !== null && checkpoint < steps ? ` from step ${checkpoint}` : "";
  return `${whole(steps)} of ${whole(run.steps)} steps, ${state}${from}`;
}

export interface Change {
  /** A task type, or what else was measured. */
  readonly subject: string;
  /** Accuracy at the last evaluation, in percent. */
  readonly now: string;
  /** Change since the first evaluation; "" if there was only one. */
  readonly change: string;
}

/** Held-out accuracy per subject, first against last. */
export function changes({ before, after }: ListedRun): Change[] {
  return (after ?? []).filter(isHeadline).map(({ name, value }) => {
    const first = shareIn(before, name);
    const change = first === undefined || first === value ? "" : signed(100 * (value - first), 1);
    return { subject: partsOf(name).subject, now: percent(value), change };
  });
}

/** Date and time in the visitor's locale. */
export function dateText(created: number): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }).format(created);
}
