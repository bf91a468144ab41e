import { KelvinError } from "../contracts";
import { readArguments } from "./arguments";
import { ADAPTER_CHOICES } from "./node-adapter";
import { kills } from "./soak/kills";

const USAGE = "npm run soak -- kills [--kills 20] [--seed 0] [--run NAME]… [--adapter cpu]";

const OPTIONS = { kills: "value", seed: "value", run: "values", adapter: "value" } as const;

/** `soak kills`: tests that take too long for `npm test`. The exit status says whether all went well. */
export async function main(argv: string[]): Promise<number> {
  const options = readArguments(argv, OPTIONS, USAGE);
  const [what, ...rest] = options.positionals;
  if (what !== "kills" || rest.length > 0)
    throw new KelvinError("input", what === undefined ? "no soak named" : `there is no soak "${what}"`, USAGE);
  const failed = await kills({
    kills: options.count("kills", 20, 1),
    seed: options.count("seed", 0, 0),
    adapter: options.choice("adapter", ADAPTER_CHOICES, "cpu"),
    names: options.values("run"),
  });
  return failed === 0 ? 0 : 1;
}
