/** Types of tasks that a method may practise on. */
import type { TaskType } from "../contracts";

/** Types that have a worked form and one right answer, or a checkable one. */
export type PracticeType = Exclude<TaskType, "induction">;

/** Values of the setting `types`. */
export const PRACTICE_TYPES = ["both", "deduction", "abduction"] as const;
export type PracticeTypes = (typeof PRACTICE_TYPES)[number];
