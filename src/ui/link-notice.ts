/** A view or mode in a link that this page does not have; Play opens instead. */
import { VIEWS } from "./views";

export interface LinkNotice {
  readonly message: string;
  readonly hint: string;
}

/** null if the link is valid. */
export function linkNotice(search: string): LinkNotice | null {
  const query = new URLSearchParams(search);
  const [view = ""] = (query.get("view") ?? "").split("/");
  const names = VIEWS.map(({ name }) => name);
  if (view !== "" && !names.includes(view))
    return {
      message: `This link asks for a view “${view}”, which does not exist.`,
      hint: `Views: ${names.join(", ")}.`,
    };
  const mode = query.get("mode") ?? "present";
  if (mode === "present") return null;
  return {
    message: `This link asks for a mode “${mode}”, which does not exist.`,
    hint: "mode=present shows Play to a room.",
  };
}
