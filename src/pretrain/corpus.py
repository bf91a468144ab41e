"""The synthetic corpus: endless (prompt, completion) pairs of the formats, from one seeded generator.

    deduction    <ded>P<in>i<out>              ->  <ans>o<eos>  or  <think> the run, statement by statement <ans>o<eos>
    abduction    <abd>P<out>o<in>              ->  <ans>i<eos>  or  <think> the run backwards <ans>i<eos>
    induction    <ind>i<out>o;i<out>o;i<out>o<msg>m   ->  <ans>P<eos>
    proposer     <pded>P<new>  <pabd>P<new>    ->  P<in>i<eos>           a variation of P, or a fresh program
    proposer     <pind>P<new>                  ->  i;i;i;i;i<msg>m<eos>  inputs that tell P from other programs
    simplifier   <easy>P<in>i<new>             ->  P<in>i<eos>           an easier program, if `easy_share` is not 0
"""

import json
from itertools import count
from random import Random

from edits import draw_simpler, is_trivial, mutate, repeats_list
from language import IN_DISTRIBUTION, draw_count, draw_program, literal, run, source
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

    `long_share` is the share of deduction and abduction examples with five to eight statements, all of which matter;
    `easy_share` is the share of all examples that make a program easier. Without either nothing is drawn for them, so that
    such a corpus is what it was before there were any.
    """

    def __init__(self, seed, held_out, mixture, statement_weights, trace_share, long_share=0, easy_share=0):
        self.random = Random(seed)
        self.held_out = held_out
        self.mixture = mixture
        self.statement_weights = statement_weights
        self.trace_share = trace_share
        self.long_share = long_share
        self.easy_share = easy_share

    def example(self):
        if self.easy_share > 0 and self.random.random() < self.easy_share:
            return self.simpler()
        role = self.random.choices(KINDS, self.mixture)[0]
        if role == "deduction":
            return self.deduction()
        if role == "abduction":
            return self.abduction()
        if role == "induction":
            return self.induction()
        return self.inputs() if role == "propose-induction" else self.variation(role)

    def task(self):
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

    def simpler(self):
        while True:
            program, x, easier = self.pair_to_simplify()
            if easier is not None and not self.held_out.has(easier, [x]):
                return f"<easy>{source(program)}<in>{literal(x)}<new>", f"{source(easier)}<in>{literal(x)}<eos>"

    def pair_to_simplify(self):
        """A program of two to eight statements with an input, and an easier one on the same input, or None."""
        count = self.random.randint(2, LONG_STATEMENTS[-1])
        if count in LONG_STATEMENTS:
            program, x, _ = draw_long(self.random, count, self.held_out)
            return program, x, draw_simpler(self.random, program, "int", x)
        program, x, _ = draw_task(self.random, (0,) * (count - 1) + (1,), self.held_out)
        return program, x, draw_simpler(self.random, program, "list" if type(x) is list else "int", x)

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
