"""Laws on how programs are written, in the language itself: to prefer, to name what breaks one, to revise.

    `%` `//` `*`  the operator is not used          `if `  no branch and no loop
    `1` `2` `3`   at most so many statements        `[`   some statement makes or reads a list by brackets
"""

from draws import STATEMENT_WEIGHTS, draw_kind
from edits import is_trivial, kinds_before, repeats_list
from language import IN_DISTRIBUTION, draw_count, draw_program, draw_return, draw_statement, literal, run, source

BANNED = ("%", "//", "*")
# As the tokenizer spells it, with the blank.
BRANCHES = "if "
LENGTHS = ("1", "2", "3")
LAWS = (*BANNED, BRANCHES, *LENGTHS, "[")
KEPT_SHARE = 0.25
ATTEMPTS = 20


def offence(law, program):
    """Index of the first statement that breaks the law, or None. A program without brackets breaks `[` where it returns."""
    if law in LENGTHS:
        return int(law) if len(program) > int(law) else None
    if law == "[":
        return None if any("[" in statement for statement in program) else len(program) - 1
    return next((at for at, statement in enumerate(program) if breaks(law, statement)), None)


def breaks(law, statement):
    return statement.startswith(("if ", "for ")) if law == BRANCHES else law in statement


def draw_written(random, law, broken, held_out):
    """A program that breaks the law or keeps it, and the kind of its input."""
    while True:
        kind = draw_kind(random)
        program = draw_program(random, draw_count(random, STATEMENT_WEIGHTS), kind)
        if (offence(law, program) is not None) == broken and is_fine(random, program, kind, held_out) is not None:
            return program, kind


def is_fine(random, program, kind, held_out):
    """An input that the program makes a worthwhile task with, or None."""
    if repeats_list(program, kind) or is_trivial(program, kind):
        return None
    for _ in range(ATTEMPTS):
        x = IN_DISTRIBUTION.draw(random, kind)
        if run(program, x) is not None and not held_out.has(program, [x]):
            return x
    return None


def draw_preference(random, held_out, law=None):
    law = law or random.choice(LAWS)
    good, bad = (draw_written(random, law, broken, held_out)[0] for broken in (False, True))
    first = random.random() < 0.5
    one, other = (good, bad) if first else (bad, good)
    return f"<judge><law>{law}<try>{source(one)}<try>{source(other)}<best>", f"{'A' if first else 'B'}<eos>"


def finding(law, program):
    """What a critique says: the first statement that breaks the law, or ok."""
    at = offence(law, program)
    return "ok" if at is None else program[at]


def draw_critique(random, held_out, law=None):
    law = law or random.choice(LAWS)
    program, _ = draw_written(random, law, random.random() >= KEPT_SHARE, held_out)
    return f"<judge><law>{law}<try>{source(program)}<check>", f"{finding(law, program)}<eos>"


def draw_revision(random, held_out, law=None):
    law = law or random.choice(LAWS)
    while True:
        program, kind = draw_written(random, law, random.random() >= KEPT_SHARE, held_out)
        for _ in range(ATTEMPTS):
            revised, own = revise(random, law, program, kind)
            x = is_fine(random, revised, own, held_out) if offence(law, revised) is None else None
            if x is not None:
                prompt = f"<fix><law>{law}<try>{source(program)}<check>{finding(law, program)}<new>"
                return prompt, f"{source(revised)}<in>{literal(x)}<eos>"


def revise(random, law, program, kind):
    """One try at a program that keeps the law and most of this one, and the kind of its input."""
    if offence(law, program) is None:
        return program, kind
    if law in LENGTHS:
        return (*program[:int(law) - 1], program[-1]), kind
    if law == "[":
        return draw_program(random, len(program), "list"), "list"
    kinds = kinds_before(program, kind)
    return tuple(
        other(random, program, at, kinds) if breaks(law, statement) else statement for at, statement in enumerate(program)
    ), kind


def other(random, program, at, kinds):
    """Another statement with the kinds of value that this one takes and leaves."""
    if at == len(program) - 1:
        return draw_return(random, kinds[at])
    while True:
        statement, kind = draw_statement(random, kinds[at])
        if kind == kinds[at + 1]:
            return statement
