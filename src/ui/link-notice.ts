/** A view or mode in a link that this page does not have; Play opens instead. */
import { VIEW_NAMES } from "./place";

export interface LinkNotice {
  readonly message: string;
  readonly hint: string;
}

/** null if the link is valid. */
export function linkNotice(search: string): LinkNotice | null {
  const query = new URLSearchParams(search);
  const [view = ""] = (query.get("view") ?? "").split("/");
  if (view !== "" && !VIEW_NAMES.some((name) => name === view))
    return {
      message: `This link asks for a view “${view}”, which does not exist.`,
      hint: `Views: ${VIEW_NAMES.join(", ")}.`,
    };
  const mode = query.get("mode") ?? "present";
  if (mode === "present") return null;
  return {
    message: `This link asks for a mode “${mode}”, which does not exist.`,
    hint: "mode=present shows Play to a room.",
  };
}
