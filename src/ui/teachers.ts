/** The methods by what teaches them, in words. */
import type { MethodDisplay, MethodInfo, Teacher } from "../contracts";
import { methodChoices } from "./recordings";

/** What is said of a teacher. */
interface TeacherWords {
  /** Over its methods in the list. */
  readonly title: string;
  readonly sentence: string;
  /** On the start view, after "A small model is about to learn". */
  readonly headline: string;
  /** Under the curve of held-out accuracy. */
  readonly gain: string;
}

const DOTTED = "The dotted line is what the starting model already reaches when it is made to work step by step";
const DISCOVERS = `What the gain is: mostly the policy discovering that working step by step pays. ${DOTTED}; training finds that way by itself.`;

export const TEACHERS: Readonly<Record<Teacher, TeacherWords>> = {
  interpreter: {
    title: "Taught by an interpreter",
    sentence: "Real Python checks every answer.",
    headline: "by trial and reward",
    gain: DISCOVERS,
  },
  itself: {
    title: "Taught by itself",
    sentence: "Nobody tells the model what is right.",
    headline: "from its own answers",
    gain: DISCOVERS,
  },
  examples: {
    title: "Taught by examples",
    sentence: "The model is shown good answers.",
    headline: "from a few examples",
    gain: `What the gain is: mostly the habit of working step by step, which the examples show. ${DOTTED}.`,
  },
  you: {
    title: "Taught by you",
    sentence: "Somebody says which of two is better.",
    headline: "what somebody likes",
    gain: `Right answers are not paid for here: the curve shows what pleasing somebody does to the skill. ${DOTTED}.`,
  },
};

/** The words of a method's teacher. */
export function teacherOf(method: Pick<MethodInfo, "display"> | undefined): TeacherWords {
  return wordsOf(method?.display);
}

/** The same of what is shown of a method. */
export function wordsOf(display: Pick<MethodDisplay, "teacher"> | undefined): TeacherWords {
  return TEACHERS[display?.teacher ?? "interpreter"];
}

/** The methods to choose from, in groups; those that no engine has named yet are in one without a title. */
export function methodGroups(
  methods: readonly MethodInfo[],
  current: string,
): (readonly [title: string, choices: [name: string, title: string][]])[] {
  const groups = new Map<string, [string, string][]>();
  for (const choice of methodChoices(methods, current)) {
    const method = methods.find(({ name }) => name === choice[0]);
    const title = method ? teacherOf(method).title : "";
    groups.set(title, [...(groups.get(title) ?? []), choice]);
  }
  return [...groups];
}
