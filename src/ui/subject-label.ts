import { ALL_TASK_TYPES } from "../contracts";
import { typeLabel } from "./icons";
import { TASK_TITLE } from "./reading";

/** What a measure is about: a task type with its icon, anything else as it is called. */
export function subjectLabel(subject: string) {
  const type = ALL_TASK_TYPES.find((known) => known === subject);
  return type ? typeLabel(type, TASK_TITLE[type]) : subject;
}
