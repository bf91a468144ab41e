/** What is compared: whole answers, as published, or line by line (lines.ts). */
export const CREDITS = ["answer", "line"] as const;
