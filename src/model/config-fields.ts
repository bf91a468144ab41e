import { KelvinError } from "../contracts";

/** Larger than any model; products of smaller sizes are exact. */
const MOST = 2 ** 24;

/** @throws KelvinError "model": not a valid `config.json`, or a model that we would compute wrongly */
export function fail(message: string): never {
  throw new KelvinError(
    "model",
    `config.json: ${message}`,
    "Give a Llama, Qwen2 or Qwen3 model in the Hugging Face layout.",
  );
}

/** The fields of a JSON object by type; each error names the field. */
export class Fields {
  constructor(
    private readonly values: Readonly<Record<string, unknown>>,
    private readonly prefix = "",
  ) {}

  get names(): readonly string[] {
    return Object.keys(this.values);
  }

  value(name: string): unknown {
    return this.values[name];
  }

  count(name: string, fallback?: number, most = MOST): number {
    const value = this.values[name] ?? fallback;
    if (typeof value !== "number" || !Number.isInteger(value) || value <= 0)
      fail(`${this.prefix}${name} must be a positive integer`);
    if (value > most) fail(`${this.prefix}${name} is ${value}; at most ${most} is supported`);
    return value;
  }

  number(name: string, fallback?: number): number {
    const value = this.values[name] ?? fallback;
    if (typeof value !== "number" || !(value > 0 && value < Number.POSITIVE_INFINITY))
      fail(`${this.prefix}${name} must be a positive number`);
    return value;
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.values[name] ?? fallback;
    if (typeof value !== "boolean") fail(`${this.prefix}${name} must be true or false`);
    return value;
  }

  /** A nested object; null if missing. */
  object(name: string): Fields | null {
    const value = this.values[name] ?? null;
    if (value === null) return null;
    if (!isObject(value)) fail(`${this.prefix}${name} must be an object`);
    return new Fields(value, `${this.prefix}${name}.`);
  }
}

/** A JSON object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
