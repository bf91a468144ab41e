"""Edits of programs: small ones for variations, and easier programs."""

from itertools import count

from draws import STATEMENT_WEIGHTS, draw_kind
from language import IN_DISTRIBUTION, REDUCTIONS, draw_count, draw_program, draw_statement, literal, run
from long import every_statement_matters

PROBES = {"int": (0, 3, 8, 13, 19), "list": ([3, 1], [0, 7, 2], [5, 2, 9, 2])}
# Shares of the ways to make a program easier: leave out one or two statements, stop early; else change a constant.
FEWER, PREFIX = 0.60, 0.25
MUTATION_SHARE = 0.5
EDIT_ATTEMPTS = 20


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


def change_digit(random, program, at):
    """The program with another digit in this statement, or None if the statement has none."""
    digits = [i for i, c in enumerate(program[at]) if c in "23456789"]
    if not digits:
        return None
    place = random.choice(digits)
    return (*program[:at], program[at][:place] + random.choice("23456789") + program[at][place + 1:], *program[at + 1:])


def mutate(random, program, kind):
    """One small edit of a program, or None where it does not come out well-formed."""
    kinds = kinds_before(program, kind)
    at = random.randrange(len(program))
    edit = random.choice(("insert", "delete", "digit"))
    if edit == "insert":
        return (*program[:at], draw_statement(random, kinds[at])[0], *program[at:])
    if edit == "delete":
        return (*program[:at], *program[at + 1:-1], program[-1]) if at < len(program) - 1 else None
    return change_digit(random, program, at)


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


def fewer(random, program):
    """The program without one or two of its statements, or None if it is too short for that."""
    gone = random.randint(1, 2)
    if len(program) <= gone:
        return None
    left = sorted(random.sample(range(len(program) - 1), len(program) - 1 - gone))
    return (*(program[at] for at in left), program[-1])


def prefix(random, program):
    """The program up to one of its assignments, whose value it returns; None if the statement is no assignment."""
    at = random.randrange(len(program) - 1)
    return (*program[:at], "return " + program[at][2:]) if program[at].startswith("x=") else None


def draw_simpler(random, program, kind, x):
    """An easier program that runs on the same input, none of whose statements is idle; None if this try gives none."""
    chance = random.random()
    if chance < FEWER:
        easier = fewer(random, program)
    elif chance < FEWER + PREFIX:
        easier = prefix(random, program)
    else:
        easier = change_digit(random, program, random.randrange(len(program)))
    if easier is None or easier == program or repeats_list(easier, kind):
        return None
    values = run(easier, x)
    if values is None or literal(values[-1]) == literal(x):
        return None
    return easier if every_statement_matters(easier, x, values[-1]) else None
