"""The synthetic corpus: endless (prompt, completion) pairs of the six formats, from one seeded generator.

    deduction    <ded>P<in>i<out>              ->  <ans>o<eos>  or  <think> the run, statement by statement <ans>o<eos>
    abduction    <abd>P<out>o<in>              ->  <ans>i<eos>  or  <think> the run backwards <ans>i<eos>
    induction    <ind>i<out>o;i<out>o;i<out>o<msg>m   ->  <ans>P<eos>
    proposer     <pded>P<new>  <pabd>P<new>    ->  P<in>i<eos>           a variation of P, or a fresh program
    proposer     <pind>P<new>                  ->  i;i;i;i;i<msg>m<eos>  inputs that tell P from other programs
"""

import json
from itertools import count
from random import Random

from language import (
    IN_DISTRIBUTION, REDUCTIONS, draw_count, draw_program, draw_statement, literal, run, source,
)
from long import draw_long

KINDS = ("deduction", "abduction", "induction", "propose-deduction", "propose-abduction", "propose-induction")
STATEMENT_WEIGHTS = (0.2, 0.3, 0.3, 0.2)
SHORT_STATEMENT_WEIGHTS = (0.5, 0.3, 0.2)
INDUCTION_STATEMENT_WEIGHTS = (0.4, 0.4, 0.2)
LONG_STATEMENTS = (5, 6, 7, 8)
INT_INPUT_SHARE = 0.6
MUTATION_SHARE = 0.5
EDIT_ATTEMPTS = 20
EMPTY_MESSAGE_SHARE = 0.5
VISIBLE_PAIRS = 3
PAIRS = 5
DISTINCT_OUTPUTS = 3
MESSAGE_TOKENS = ("+", "-", "*", "//", "%", "[::-1]", "[1:]", "[:-1]", "sorted(", "sum(", "len(", "max(", "min(")
PROBES = {"int": (0, 3, 8, 13, 19), "list": ([3, 1], [0, 7, 2], [5, 2, 9, 2])}

# Separators that the task language does not contain.
FIELD, RECORD = "\x1f", "\x1e"


class HeldOut:
    """Tasks no example may touch: whole programs, or for one-statement programs the (program, input) pairs."""

    def __init__(self, tasks=()):
        self.programs, self.pairs = set(), set()
        for task in tasks:
            self.add(task)

    def add(self, task):
        text = task["program"]
        if text.count("\n") > 1:
            self.programs.add(text)
        else:
            self.pairs.update((text, i) for i in task.get("inputs") or [task["input"]])

    def has(self, program, inputs):
        text = source(program)
        if len(program) > 1:
            return text in self.programs
        return any((text, literal(i)) in self.pairs for i in inputs)


def draw_kind(random):
    return "int" if random.random() < INT_INPUT_SHARE else "list"


def draw_task(random, weights, held_out, inputs=IN_DISTRIBUTION):
    """A program of the given lengths, an input and the values after each statement."""
    while True:
        kind = draw_kind(random)
        program = draw_program(random, draw_count(random, weights), kind)
        x = inputs.draw(random, kind)
        values = run(program, x)
        if values is not None and not held_out.has(program, [x]):
            return program, x, values


def draw_pairs(random, program, kind, draw_input):
    """Five distinct inputs with at least three distinct outputs, or None."""
    found = {}
    for _ in range(3 * PAIRS):
        x = draw_input(random, kind)
        values = run(program, x)
        if values is not None:
            found[literal(x)] = (x, values[-1])
        if len(found) == PAIRS:
            break
    pairs = list(found.values())
    if len(pairs) < PAIRS or len({literal(output) for _, output in pairs}) < DISTINCT_OUTPUTS:
        return None
    return pairs


def draw_induction(random, weights, held_out, draw_input=IN_DISTRIBUTION.draw):
    while True:
        kind = draw_kind(random)
        program = draw_program(random, draw_count(random, weights), kind)
        pairs = draw_pairs(random, program, kind, draw_input)
        if pairs is not None and not held_out.has(program, [x for x, _ in pairs]):
            return program, pairs


def draw_message(random, program):
    """Up to three operators of the program in order, or nothing."""
    if random.random() < EMPTY_MESSAGE_SHARE:
        return ""
    text = source(program)
    arithmetic = text.replace("[::-1]", "").replace("[:-1]", "").replace("[-1]", "")
    present = [token for token in MESSAGE_TOKENS if token in (arithmetic if token == "-" else text)]
    return "".join(present[: random.randint(1, 3)])


def forward_trace(program, values):
    """The program read again, each statement with the value it leaves."""
    return "<think>" + "".join(f"\n {s}#{literal(v)}" for s, v in zip(program, values))


def reverse_trace(program, x, values):
    """The statements from the last to the first, each with a value it may have started from."""
    before = [x, *values[:-1]]
    return "<think>" + "".join(f"\n {s}#{literal(v)}" for s, v in zip(reversed(program), reversed(before)))


def deduction_prompt(program, x):
    return f"<ded>{source(program)}<in>{literal(x)}<out>"


def abduction_prompt(program, output):
    return f"<abd>{source(program)}<out>{literal(output)}<in>"


def induction_prompt(pairs, message):
    shown = ";".join(f"{literal(x)}<out>{literal(output)}" for x, output in pairs[:VISIBLE_PAIRS])
    return f"<ind>{shown}<msg>{message}"


def kinds_before(program, kind):
    """The kind of x before each statement."""
    kinds = [kind]
    for statement in program[:-1]:
        kinds.append("int" if statement[2:] in REDUCTIONS else kinds[-1])
    return kinds


def repeats_list(program, kind):
    """Python multiplies and doubles lists too; the language does not."""
    expressions = (statement.split("=", 1)[-1].removeprefix("return ") for statement in program)
    return any(k == "list" and (e == "x+x" or e.startswith("x*")) for k, e in zip(kinds_before(program, kind), expressions))


def mutate(random, program, kind):
    """One small edit of a program, or None where it does not come out well-formed."""
    kinds = kinds_before(program, kind)
    at = random.randrange(len(program))
    edit = random.choice(("insert", "delete", "digit"))
    if edit == "insert":
        return (*program[:at], draw_statement(random, kinds[at])[0], *program[at:])
    if edit == "delete":
        return (*program[:at], *program[at + 1:-1], program[-1]) if at < len(program) - 1 else None
    digits = [i for i, c in enumerate(program[at]) if c in "23456789"]
    if not digits:
        return None
    place = random.choice(digits)
    return (*program[:at], program[at][:place] + random.choice("23456789") + program[at][place + 1:], *program[at + 1:])


def is_trivial(program, kind):
    """Does the program return its input, or one value, on every probe it accepts?"""
    seen = [(x, values[-1]) for x in PROBES[kind] if (values := run(program, x)) is not None]
    return all(x == y for x, y in seen) or len({literal(y) for _, y in seen}) == 1


def draw_variation(random, reference, kind, held_out):
    """A new program with an input: half of the time an edit of the reference, where some edit is a worthwhile task."""
    edits = EDIT_ATTEMPTS if random.random() < MUTATION_SHARE else 0
    for attempt in count():
        if attempt < edits:
            program = mutate(random, reference, kind)
            chosen = kind
        else:
            chosen = draw_kind(random)
            program = draw_program(random, draw_count(random, STATEMENT_WEIGHTS), chosen)
        if program is None or program == reference or repeats_list(program, chosen):
            continue
        x = IN_DISTRIBUTION.draw(random, chosen)
        if run(program, x) is not None and not held_out.has(program, [x]) and not is_trivial(program, chosen):
            return program, x


def read_held_out(*texts):
    """HeldOut from JSONL texts."""
    return HeldOut(json.loads(line) for text in texts for line in text.splitlines())


class Corpus:
    """Examples drawn one after another.

    `long_share` is the share of deduction and abduction examples with five to eight statements, all of which matter.
    """

    def __init__(self, seed, held_out, mixture, statement_weights, trace_share, long_share=0):
        self.random = Random(seed)
        self.held_out = held_out
        self.mixture = mixture
        self.statement_weights = statement_weights
        self.trace_share = trace_share
        self.long_share = long_share

    def example(self):
        role = self.random.choices(KINDS, self.mixture)[0]
        if role == "deduction":
            return self.deduction()
        if role == "abduction":
            return self.abduction()
        if role == "induction":
            return self.induction()
        return self.inputs() if role == "propose-induction" else self.variation(role)

    def task(self):
        # Without long programs nothing is drawn for them, so that such a corpus is what it was before there were any.
        if self.long_share > 0 and self.random.random() < self.long_share:
            return draw_long(self.random, self.random.choice(LONG_STATEMENTS), self.held_out)
        return draw_task(self.random, self.statement_weights, self.held_out)

    def deduction(self):
        program, x, values = self.task()
        trace = forward_trace(program, values) if self.random.random() < self.trace_share else ""
        return deduction_prompt(program, x), f"{trace}<ans>{literal(values[-1])}<eos>"

    def abduction(self):
        program, x, values = self.task()
        trace = reverse_trace(program, x, values) if self.random.random() < self.trace_share else ""
        return abduction_prompt(program, values[-1]), f"{trace}<ans>{literal(x)}<eos>"

    def induction(self):
        program, pairs = draw_induction(self.random, INDUCTION_STATEMENT_WEIGHTS, self.held_out)
        return induction_prompt(pairs, draw_message(self.random, program)), f"<ans>{source(program)}<eos>"

    def variation(self, role):
        kind = draw_kind(self.random)
        reference = self.reference(kind)
        program, x = draw_variation(self.random, reference, kind, self.held_out)
        tag = "<pded>" if role == "propose-deduction" else "<pabd>"
        return f"{tag}{source(reference)}<new>", f"{source(program)}<in>{literal(x)}<eos>"

    def inputs(self):
        program, pairs = draw_induction(self.random, STATEMENT_WEIGHTS, self.held_out)
        inputs = ";".join(literal(x) for x, _ in pairs)
        return f"<pind>{source(program)}<new>", f"{inputs}<msg>{draw_message(self.random, program)}<eos>"

    def reference(self, kind):
        while True:
            program = draw_program(self.random, draw_count(self.random, STATEMENT_WEIGHTS), kind)
            if not self.held_out.has(program, []) and run(program, IN_DISTRIBUTION.draw(self.random, kind)) is not None:
                return program

    def take(self, examples):
        """That many examples as one string, so that they cross into JavaScript at once."""
        return RECORD.join(FIELD.join(self.example()) for _ in range(examples))
