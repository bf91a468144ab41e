import { KelvinError } from "../contracts";
import { HelpWanted } from "./arguments";
import { codeOf, isOfSystem } from "./disk";

/** The exports of every command's file: `main` returns the exit status. */
interface CommandModule {
  main(argv: string[]): Promise<number>;
}

const commands = import.meta.glob<CommandModule>(
  "./{adapters,bench,curve,evaluate,experiment,export,golden,pairs,pretrain,rank,record,soak,train,verify}.ts",
);

/** Reasons that are the caller's mistakes, not the machine's. */
const callersReasons: ReadonlySet<string> = new Set(["input", "config", "model"]);

/** What the system says of a path that cannot be what the caller meant. */
const WRONG_PATHS: ReadonlySet<string> = new Set([
  "EACCES",
  "EISDIR",
  "ELOOP",
  "ENAMETOOLONG",
  "ENOENT",
  "ENOTDIR",
  "EPERM",
  "EROFS",
]);

/** Runs the named command; an unknown name is bad input. */
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

/** Prints one line for expected errors and the stack only for unexpected ones. */
function report(error: unknown): number {
  if (error instanceof HelpWanted) {
    console.log(error.usage);
    return 0;
  }
  if (!(error instanceof KelvinError)) {
    // The system's own message names the path.
    console.error(isOfSystem(error) ? `kelvin: ${error.message}` : error);
    return isOfSystem(error) && WRONG_PATHS.has(codeOf(error)) ? 2 : 1;
  }
  const line = error.hint ? `${error.message}; ${error.hint}` : error.message;
  console.error(`kelvin: ${line.replaceAll(/\s*\n\s*/g, " ")}`);
  return callersReasons.has(error.reason) ? 2 : 1;
}

/** Exits explicitly once the output is written: Dawn and worker threads would keep Node alive. */
async function exit(code: number): Promise<never> {
  for (const stream of [process.stdout, process.stderr])
    await new Promise<void>((resolve) => stream.write("", () => resolve()));
  process.exit(code);
}

const [name, ...argv] = process.argv.slice(2);
await exit(await dispatch(name, argv).catch(report));
