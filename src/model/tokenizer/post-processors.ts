/** What a file adds in front of a text, such as the token that begins every one. */
import { Part, refuse, shown } from "./part";
import { checkId } from "./vocabulary";

const DEEPEST = 10;

/**
 * Ids that go in front of a text. What a file adds behind one, an end, is left out: prompts are continued.
 * @throws KelvinError "model" for a kind that is not known
 */
export function readBeginning(value: unknown, rows: number, path = "post_processor", depth = 0): readonly number[] {
  if (value === null) return [];
  if (depth > DEEPEST) refuse(`${path} holds too many parts in parts`);
  const part = Part.of(value, path);
  const type = part.text("type");
  switch (type) {
    case "Sequence":
      return part
        .only("type processors")
        .list("processors")
        .flatMap((one, i) => [readBeginning(one, rows, `${path}.processors[${i}]`, depth + 1)])
        .reverse()
        .flat();
    case "ByteLevel":
      part.only("type add_prefix_space trim_offsets use_regex");
      return [];
    case "TemplateProcessing":
      return readTemplate(part, rows);
    case "BertProcessing":
    case "RobertaProcessing": {
      part.only("type sep cls trim_offsets add_prefix_space");
      const [text, id] = part.list("cls");
      checkId(String(text), id, rows);
      return [id];
    }
    default:
      return refuse(`${path} of type ${shown(type)} is not supported`);
  }
}

function readTemplate(part: Part, rows: number): number[] {
  part.only("type single pair special_tokens");
  const tokens = part.part("special_tokens");
  const ids: number[] = [];
  for (const item of part.parts("single")) {
    item.only("SpecialToken Sequence");
    if (item.value("Sequence") !== null) return ids;
    const name = item.part("SpecialToken").text("id");
    for (const id of tokens.part(name).list("ids")) {
      checkId(name, id, rows);
      ids.push(id);
    }
  }
  return refuse(`${part.path}.single has no place for the text`);
}
