import { KelvinError } from "../contracts";
import { HelpWanted } from "./arguments";
import { isOfSystem } from "./disk";

/** What every file of a command exports: the exit status for these arguments. */
interface CommandModule {
  main(argv: string[]): Promise<number>;
}

const commands = import.meta.glob<CommandModule>(
  "./{adapters,bench,curve,evaluate,export,golden,pretrain,record,train,verify}.ts",
);

/** Mistakes of the caller, as opposed to failures of the machine. */
const callersReasons: ReadonlySet<string> = new Set(["input", "config", "model"]);

/** Runs the named command; an unknown one is bad input. */
async function dispatch(name: string | undefined, argv: string[]): Promise<number> {
  const load = commands[`./${name}.ts`];
  if (!load)
    throw new KelvinError("input", name ? `there is no command "${name}"` : "no command given", `commands: ${names()}`);
  const command = await load();
  return command.main(argv);
}

function names(): string {
  return Object.keys(commands)
    .map((path) => path.slice(2, -3))
    .join(", ");
}

/** One line for the reader; the stack only for what we did not expect. */
function report(error: unknown): number {
  if (error instanceof HelpWanted) {
    console.log(error.usage);
    return 0;
  }
  if (!(error instanceof KelvinError)) {
    // What the system would not do is named by its own message, path included.
    console.error(isOfSystem(error) ? `kelvin: ${error.message}` : error);
    return 1;
  }
  const line = error.hint ? `${error.message}; ${error.hint}` : error.message;
  console.error(`kelvin: ${line.replaceAll(/\s*\n\s*/g, " ")}`);
  return callersReasons.has(error.reason) ? 2 : 1;
}

/** Dawn and worker threads keep Node alive after the work is done, so the end is explicit, once the output has left. */
async function exit(code: number): Promise<never> {
  for (const stream of [process.stdout, process.stderr])
    await new Promise<void>((resolve) => stream.write("", () => resolve()));
  process.exit(code);
}

const [name, ...argv] = process.argv.slice(2);
await exit(await dispatch(name, argv).catch(report));
