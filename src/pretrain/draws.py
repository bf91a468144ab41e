"""What the formats are made of: held-out tasks, random tasks of each type, prompts and worked traces."""

import json

from language import IN_DISTRIBUTION, draw_count, draw_program, literal, run, source

STATEMENT_WEIGHTS = (0.2, 0.3, 0.3, 0.2)
INT_INPUT_SHARE = 0.6
EMPTY_MESSAGE_SHARE = 0.5
VISIBLE_PAIRS = 3
PAIRS = 5
DISTINCT_OUTPUTS = 3
MESSAGE_TOKENS = ("+", "-", "*", "//", "%", "[::-1]", "[1:]", "[:-1]", "sorted(", "sum(", "len(", "max(", "min(")


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


def read_held_out(*texts):
    """HeldOut from JSONL texts."""
    return HeldOut(json.loads(line) for text in texts for line in text.splitlines())
