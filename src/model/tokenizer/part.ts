/** Parses one part of a `tokenizer.json` field by field. Unknown fields are refused by name, never ignored. */
import { KelvinError } from "../../contracts";

/** @throws KelvinError "model" naming what in the file is wrong, or would give other ids than the reference library */
export function refuse(what: string): never {
  throw new KelvinError(
    "model",
    `tokenizer.json cannot be used: ${what}`,
    "Give a Hugging Face tokenizer file of the kinds that the Llama and Qwen models have.",
  );
}

/** A JSON object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value for an error message, shortened if long. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/** The fields of one part. A field that is null counts as missing. */
export class Part {
  private constructor(
    readonly fields: Readonly<Record<string, unknown>>,
    /** Where in the file it stands. */
    readonly path: string,
  ) {}

  /** @throws KelvinError "model" for what is no object */
  static of(value: unknown, path: string): Part {
    return isRecord(value) ? new Part(value, path) : refuse(`${path} is ${shown(value)}, not an object`);
  }

  /** @param names with blanks between them @throws KelvinError "model" for any other field */
  only(names: string): this {
    const known = names.split(" ");
    const other = Object.keys(this.fields).find((name) => !known.includes(name) && this.value(name) !== null);
    return other === undefined ? this : refuse(`${this.path}.${other} is not known`);
  }

  /** null if missing. */
  value(name: string): unknown {
    return Object.hasOwn(this.fields, name) ? (this.fields[name] ?? null) : null;
  }

  text(name: string, fallback?: string): string {
    const value = this.value(name) ?? fallback;
    return typeof value === "string" ? value : this.refuse(name, "not a text");
  }

  flag(name: string, fallback?: boolean): boolean {
    const value = this.value(name) ?? fallback;
    return typeof value === "boolean" ? value : this.refuse(name, "not true or false");
  }

  /** A whole number, not negative. */
  count(name: string, fallback?: number): number {
    const value = this.value(name) ?? fallback;
    return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : this.refuse(name, "not a count");
  }

  /** Exactly one character. */
  character(name: string): string {
    const value = this.text(name);
    return [...value].length === 1 ? value : this.refuse(name, "not one character");
  }

  choice<T extends string>(name: string, options: readonly T[], fallback?: T): T {
    const value = this.value(name) ?? fallback;
    return options.find((option) => option === value) ?? this.refuse(name, `none of ${options.join(", ")}`);
  }

  list(name: string): readonly unknown[] {
    const value = this.value(name);
    return Array.isArray(value) ? value : this.refuse(name, "not a list");
  }

  /** The objects of a list. */
  parts(name: string): Part[] {
    return this.list(name).map((value, index) => Part.of(value, `${this.path}.${name}[${index}]`));
  }

  part(name: string): Part {
    return Part.of(this.value(name), `${this.path}.${name}`);
  }

  private refuse(name: string, why: string): never {
    return refuse(`${this.path}.${name} is ${shown(this.value(name))}, ${why}`);
  }
}
