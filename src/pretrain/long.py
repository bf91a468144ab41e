"""Long programs on whole numbers, of which every statement matters: an answer that skips one is wrong."""

from language import IN_DISTRIBUTION, draw_program, function, run, source

# Characters of the longest program that self-play takes; src/tasks/language.ts has the same number.
LONGEST_PROGRAM = 160
# Numbers of statements of a long program: more than any short one has.
LONG_STATEMENTS = (5, 6, 7, 8)


def without(program, at):
    """The program without one statement; without its last one it returns what it has."""
    return (*program[:at], *program[at + 1:]) if at < len(program) - 1 else (*program[:-1], "return x")


def answer(program, x):
    """What plain Python gives, whatever the domain; None where it raises."""
    try:
        for statement in program:
            x = function(statement)(x)
    except (IndexError, ValueError, TypeError):
        return None
    return x


def every_statement_matters(program, x, output):
    """Does the result change, or the run fail, whichever statement is left out?"""
    return all(answer(without(program, at), x) != output for at in range(len(program)))


def draw_long(random, count, held_out):
    """A program of `count` statements on whole numbers that all matter, an input and the values after each statement."""
    while True:
        program = draw_program(random, count, "int")
        x = IN_DISTRIBUTION.draw(random, "int")
        values = run(program, x)
        if values is None or len(source(program)) > LONGEST_PROGRAM or held_out.has(program, [x]):
            continue
        if every_statement_matters(program, x, values[-1]):
            return program, x, values
