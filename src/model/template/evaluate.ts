/** Renders a chat template as jinja2 does, step by step, and never for ever. */
import { filter, globals, test } from "./filters";
import type { Call, Name, Node } from "./nodes";
import { binary, slice } from "./operators";
import { methodOf } from "./texts";
import {
  type Callable,
  Float,
  fault,
  isDictionary,
  isList,
  isTrue,
  itemsOf,
  Namespace,
  numberOf,
  print,
  Tuple,
  typeOf,
  Undefined,
  type Value,
  weigh,
} from "./values";

/** Steps of one rendering; the longest templates of real models take some thousands for a short conversation. */
const MOST_STEPS = 300_000;
/** Characters or items of a value, and of all that is written. */
const MOST_SIZE = 1_000_000;

class Break extends Error {}
class Continue extends Error {}

/** Names and their values, within others. */
class Scope {
  private readonly values = new Map<string, Value>();

  constructor(
    private readonly outer: Scope | null,
    values: Iterable<readonly [string, Value]> = [],
  ) {
    for (const [name, value] of values) this.values.set(name, value);
  }

  set(name: string, value: Value): void {
    this.values.set(name, value);
  }

  get(name: string): Value {
    const value = this.values.get(name);
    if (value !== undefined) return value;
    return this.outer ? this.outer.get(name) : new Undefined(name);
  }
}

/** Functions of jinja2 that this reader does not have. */
const OTHER_GLOBALS: ReadonlySet<string> = new Set([
  "lipsum",
  "cycler",
  "joiner",
  "self",
  "super",
  "varargs",
  "kwargs",
]);

/**
 * @param day what `strftime_now` writes
 * @throws TemplateFault for what jinja2 refuses or this reader does not do
 */
export function render(program: Node, variables: ReadonlyMap<string, Value>, day: Date): string {
  const scope = new Scope(new Scope(null, globals(day)), variables);
  return new Renderer().block(program.type === "Program" ? program.body : [program], scope);
}

class Renderer {
  private steps = 0;
  private size = 0;

  block(nodes: readonly Node[], scope: Scope): string {
    let text = "";
    for (const node of nodes) text += this.statement(node, scope);
    return this.measured(text);
  }

  private step(cost = 1): void {
    this.steps += cost;
    if (this.steps > MOST_STEPS) fault("it takes too many steps");
  }

  /** What is large costs more. */
  private measured<T extends Value>(value: T): T {
    const size = weigh(value, MOST_SIZE);
    this.step(size >> 6);
    return value;
  }

  private statement(node: Node, scope: Scope): string {
    this.step();
    switch (node.type) {
      case "If":
        return this.block(isTrue(this.value(node.test, scope)) ? node.body : node.alternate, scope);
      case "For":
        return this.loop(node, scope);
      case "Set":
        this.assign(node, scope);
        return "";
      case "Macro":
        scope.set(node.name.value, this.macro(node.args, node.body, scope));
        return "";
      case "CallStatement":
        return this.callBlock(node, scope);
      case "FilterStatement":
        return this.written(this.filtered(this.block(node.body, scope), node.filter, scope));
      case "Break":
        throw new Break();
      case "Continue":
        throw new Continue();
      case "Comment":
        return "";
      default:
        return this.written(this.value(node, scope));
    }
  }

  private written(value: Value): string {
    const text = print(value);
    this.size += text.length;
    if (this.size > MOST_SIZE) fault("it writes too much");
    return text;
  }

  private loop(node: Extract<Node, { type: "For" }>, scope: Scope): string {
    const chosen = node.iterable.type === "SelectExpression" ? node.iterable : null;
    const all = itemsOf(this.value(chosen ? chosen.lhs : node.iterable, scope));
    const items = chosen
      ? all.filter((item) => isTrue(this.value(chosen.test, this.inLoop(node.loopvar, item, scope))))
      : all;
    if (items.length === 0) return this.block(node.defaultBlock, new Scope(scope));
    const texts: string[] = [];
    for (const [index, item] of items.entries()) {
      this.step();
      const inner = this.inLoop(node.loopvar, item, scope);
      inner.set("loop", loopOf(items, index));
      const end = this.body(node.body, inner, texts);
      if (end === "break") break;
    }
    return this.measured(texts.join(""));
  }

  /** What an iteration wrote before it was left is kept. */
  private body(nodes: readonly Node[], scope: Scope, texts: string[]): "break" | "end" {
    try {
      for (const node of nodes) this.partly(node, scope, texts);
    } catch (error) {
      if (error instanceof Break) return "break";
      if (!(error instanceof Continue)) throw error;
    }
    return "end";
  }

  /** Branches write as they go, so that a break behind a text loses nothing. */
  private partly(node: Node, scope: Scope, texts: string[]): void {
    if (node.type !== "If") {
      texts.push(this.statement(node, scope));
      return;
    }
    this.step();
    for (const one of isTrue(this.value(node.test, scope)) ? node.body : node.alternate) this.partly(one, scope, texts);
  }

  private inLoop(target: Node, item: Value, scope: Scope): Scope {
    const inner = new Scope(scope);
    this.bind(target, item, inner);
    return inner;
  }

  private bind(target: Node, value: Value, scope: Scope): null {
    if (target.type === "Identifier") {
      scope.set(target.value, value);
      return null;
    }
    if (target.type !== "TupleLiteral") return fault("a name is expected");
    const names = target.value;
    const items = itemsOf(value);
    if (items.length !== names.length) fault(`${items.length} values for ${names.length} names`);
    for (const [index, name] of names.entries()) this.bind(name, items[index] as Value, scope);
    return null;
  }

  private assign(node: Extract<Node, { type: "Set" }>, scope: Scope): null {
    const value = node.value ? this.value(node.value, scope) : this.block(node.body, new Scope(scope));
    const { assignee } = node;
    if (assignee.type !== "MemberExpression") return this.bind(assignee, value, scope);
    const place = this.value(assignee.object, scope);
    if (!(place instanceof Namespace) || assignee.computed || assignee.property.type !== "Identifier")
      return fault("only a namespace's attribute is set");
    place.fields.set(assignee.property.value, value);
    return null;
  }

  private macro(parameters: readonly Node[], body: readonly Node[], scope: Scope): Callable {
    return (args, named) => {
      this.step();
      const inner = new Scope(scope);
      if (args.length > parameters.length) fault("a macro is given too many arguments");
      const known = parameters.map((one) =>
        one.type === "Identifier"
          ? one.value
          : one.type === "KeywordArgumentExpression"
            ? one.key.value
            : fault("a macro's parameter is no name"),
      );
      const caught = named.get("caller");
      const other = [...named.keys()].find((name) => name !== "caller" && !known.includes(name));
      if (other !== undefined) fault(`a macro takes no argument ${other}`);
      for (const [index, parameter] of parameters.entries()) {
        const name = known[index] as string;
        const given = args[index] ?? (index < args.length ? null : named.get(name));
        if (given !== undefined) inner.set(name, given);
        else if (parameter.type === "KeywordArgumentExpression") inner.set(name, this.value(parameter.value, inner));
        else inner.set(name, new Undefined(name));
      }
      if (caught !== undefined) inner.set("caller", caught);
      return this.block(body, inner);
    };
  }

  private callBlock({ call, callerArgs, body }: Extract<Node, { type: "CallStatement" }>, scope: Scope): string {
    const caller = this.macro(callerArgs ?? [], body, scope);
    const { args, named } = this.given(call.args, scope);
    return this.written(this.call(this.value(call.callee, scope), args, new Map([...named, ["caller", caller]])));
  }

  value(node: Node, scope: Scope): Value {
    this.step();
    switch (node.type) {
      case "Identifier":
        return this.name(node.value, scope);
      case "IntegerLiteral":
        return Number.isSafeInteger(node.value) ? node.value : fault("a number is too large");
      case "FloatLiteral":
        return new Float(node.value);
      case "StringLiteral":
        return node.value;
      case "ArrayLiteral":
        return this.measured(node.value.map((one) => this.value(one, scope)));
      case "TupleLiteral":
        return this.measured(new Tuple(node.value.map((one) => this.value(one, scope))));
      case "ObjectLiteral":
        return this.measured(
          new Map([...node.value].map(([key, one]) => [keyOf(this.value(key, scope)), this.value(one, scope)])),
        );
      case "MemberExpression":
        return this.member(node, scope);
      case "CallExpression":
        return this.called(node, scope);
      case "BinaryExpression":
        return this.operation(node, scope);
      case "UnaryExpression":
        return unary(node.operator.value, this.value(node.argument, scope));
      case "FilterExpression":
        return this.filtered(this.value(node.operand, scope), node.filter, scope);
      case "TestExpression":
        return test(node.test.value, this.value(node.operand, scope)) !== node.negate;
      case "SelectExpression":
        return isTrue(this.value(node.test, scope))
          ? this.value(node.lhs, scope)
          : new Undefined("an expression without else");
      case "Ternary":
        return this.value(isTrue(this.value(node.condition, scope)) ? node.trueExpr : node.falseExpr, scope);
      default:
        return fault(`a ${node.type} is not supported here`);
    }
  }

  private name(name: string, scope: Scope): Value {
    if (name === "namespace") return namespace;
    const value = scope.get(name);
    return value instanceof Undefined && OTHER_GLOBALS.has(name) ? fault(`${name} is not supported`) : value;
  }

  private operation(
    { operator: { value: operator }, left, right }: Extract<Node, { type: "BinaryExpression" }>,
    scope: Scope,
  ): Value {
    const first = this.value(left, scope);
    if (operator === "and") return isTrue(first) ? this.value(right, scope) : first;
    if (operator === "or") return isTrue(first) ? first : this.value(right, scope);
    // `~` binds tighter than + in jinja2, and not in the tree: it makes a difference where the sum is no text.
    if (operator === "~" && left.type === "BinaryExpression" && "+-".includes(left.operator.value) && numberOf(first))
      fault("a sum before ~ is not supported");
    return this.measured(binary(operator, first, this.value(right, scope)));
  }

  private filtered(value: Value, node: Name | Call, scope: Scope): Value {
    const call = node.type === "CallExpression" ? node : null;
    const name = call ? call.callee : node;
    if (name.type !== "Identifier") return fault("a filter is no name");
    const { args, named } = this.given(call?.args ?? [], scope);
    this.measured(value);
    return this.measured(filter((of, key) => this.get(of, key, false), name.value, value, args, named));
  }

  private given(nodes: readonly Node[], scope: Scope): { args: Value[]; named: Map<string, Value> } {
    const args: Value[] = [];
    const named = new Map<string, Value>();
    for (const node of nodes) {
      if (node.type === "KeywordArgumentExpression") named.set(node.key.value, this.value(node.value, scope));
      else args.push(this.value(node, scope));
    }
    return { args, named };
  }

  private called({ callee, args: nodes }: Call, scope: Scope): Value {
    const to = this.value(callee, scope);
    const { args, named } = this.given(nodes, scope);
    return this.call(to, args, named);
  }

  private call(to: Value, args: readonly Value[], named: ReadonlyMap<string, Value>): Value {
    if (to instanceof Undefined) return fault(`'${to.name}' is undefined`);
    if (typeof to !== "function") return fault(`'${typeOf(to)}' object is not callable`);
    return this.measured(to(args, named));
  }

  private member({ object, property, computed }: Extract<Node, { type: "MemberExpression" }>, scope: Scope): Value {
    const of = this.value(object, scope);
    if (property.type === "SliceExpression") {
      const [start, stop, step] = [property.start, property.stop, property.step].map(
        (one) => one && this.value(one, scope),
      );
      return this.measured(slice(of, start ?? null, stop ?? null, step ?? null));
    }
    const key = computed
      ? this.value(property, scope)
      : property.type === "Identifier"
        ? property.value
        : this.value(property, scope);
    return this.get(of, key, computed);
  }

  /** `a.b` looks for an attribute first, `a["b"]` for an item. */
  private get(of: Value, key: Value, itemFirst: boolean): Value {
    if (of instanceof Undefined) return fault(`'${of.name}' is undefined`);
    const name = typeof key === "string" ? key : null;
    const item = itemAt(of, key);
    if (itemFirst && item !== undefined) return item;
    const method = name === null ? null : methodOf(of, name);
    if (method) return method;
    return item === undefined ? new Undefined(print(key)) : item;
  }
}

function unary(operator: string, value: Value): Value {
  if (operator === "not") return !isTrue(value);
  const number = numberOf(value) ?? fault(`bad operand type for unary ${operator}: '${typeOf(value)}'`);
  const signed = operator === "-" ? -number.number : number.number;
  return number.isFloat ? new Float(signed) : signed + 0;
}

function keyOf(value: Value): Value {
  if (value === null || typeof value === "string" || (typeof value === "number" && Number.isSafeInteger(value)))
    return value;
  return fault(`a ${typeOf(value)} is a key, which is not supported`);
}

function itemAt(of: Value, key: Value): Value | undefined {
  if (of instanceof Namespace) return typeof key === "string" ? of.fields.get(key) : undefined;
  if (isDictionary(of)) return of.get(key);
  if (typeof key !== "number") return undefined;
  if (typeof of === "string" || isList(of) || of instanceof Tuple) return itemsOf(of).at(key);
  return undefined;
}

const namespace: Callable = (args, named) => {
  const made = new Namespace();
  for (const one of args) {
    if (!isDictionary(one)) return fault("a namespace is made of what is no dictionary");
    for (const [key, value] of one) made.fields.set(print(key), value);
  }
  for (const [key, value] of named) made.fields.set(key, value);
  return made;
};

function loopOf(items: readonly Value[], index: number): Value {
  const last = items.length - 1;
  return new Map<Value, Value>([
    ["index", index + 1],
    ["index0", index],
    ["revindex", last - index + 1],
    ["revindex0", last - index],
    ["first", index === 0],
    ["last", index === last],
    ["length", items.length],
    ["previtem", index === 0 ? new Undefined("loop.previtem") : (items[index - 1] as Value)],
    ["nextitem", index === last ? new Undefined("loop.nextitem") : (items[index + 1] as Value)],
    ["cycle", unsupported("loop.cycle")],
    ["changed", unsupported("loop.changed")],
  ]);
}

function unsupported(what: string): Callable {
  return () => fault(`${what} is not supported`);
}
