"""Judgements of tries: what counts, a check of the try line by line, and a score from 0 to 10.

    <judge>Q<try>a  ->  <rule>words<check>lines<score>s<eos>  or at once  <score>s<eos>

Every try is judged by itself; of two, the one with the higher score is the better. A line of a try is worked out from the value that the
try has before it, so one wrong value makes one line wrong: `x=x*2#14ok`, or `x=x*2#14no15`, where 15 is what the try says. So the next
line goes on from the last number of the check. A skipped line is `x=x*2no`. Q asks for a deduction, an abduction, an induction or a proposal. A right try scores more than a wrong one, then a shown one more than a bare one, then a
short program more than a long one.
"""

from draws import (
    PAIRS,
    STATEMENT_WEIGHTS,
    VISIBLE_PAIRS,
    abduction_prompt,
    deduction_prompt,
    draw_induction,
    draw_kind,
    draw_message,
    draw_task,
    forward_trace,
    induction_prompt,
    reverse_trace,
)
from edits import draw_variation, is_trivial, kinds_before, mutate
from language import (
    IN_DISTRIBUTION, LARGEST, draw_count, draw_program, draw_return, draw_statement, literal, run, source, step,
)
from long import LONG_STATEMENTS, draw_long

WORKED_SHARE = 0.7
RIGHT_SHARE = 0.5
SHOWN_SHARE = 0.6
LONG_SHARE = 0.25
INDUCTION_STATEMENT_WEIGHTS = (0.5, 0.5)
QUERIES = (("deduction", 50), ("abduction", 20), ("induction", 15), ("proposal", 15))
RULES = {"deduction": "valuelines", "abduction": "valuelines", "induction": "fitsshort", "proposal": "runsvaried"}

SHOWN_RIGHT, BARE_RIGHT, UNSHOWN_RIGHT, WRONG = 10, 8, 7, 1
ATTEMPTS = 40
# Of a try with wrong values, how many more are wrong than one. With few the check would be learned as one's own run of the program.
MORE_FAULTS = 0.3
# Of wrong whole numbers, how many are near the right one.
NEAR_SHARE = 0.6
# The lowest score of a right try.
RIGHT_FROM = 5


def draw_judgement(random, held_out, query=None):
    """One example as (prompt, completion)."""
    names, weights = zip(*QUERIES)
    query = query or random.choices(names, weights)[0]
    prompt, ((text, check, score),) = draw_tries(random, held_out, query, [random.random() < RIGHT_SHARE])
    shown = f"<rule>{RULES[query]}<check>{check}" if random.random() < WORKED_SHARE else ""
    return f"<judge>{prompt}<try>{text}", f"{shown}<score>{score}<eos>"


def draw_tries(random, held_out, query, rights):
    """A prompt, and a right or wrong try at it for each of `rights`. Some prompts have no wrong answer: then another one."""
    while True:
        prompt, draw = QUERY_DRAWS[query](random, held_out)
        tries = [drawn(draw, right) for right in rights]
        if all(tries):
            return prompt, tries


def drawn(draw, right):
    """The first of some tries that is right, or wrong; None if there is none among them."""
    tries = (draw() for _ in range(ATTEMPTS))
    return next((one for one in tries if one and (one[2] >= RIGHT_FROM) == right), None)


def deductions(random, held_out):
    if random.random() < LONG_SHARE:
        program, x, values = draw_long(random, random.choice(LONG_STATEMENTS), held_out)
    else:
        program, x, values = draw_task(random, STATEMENT_WEIGHTS, held_out)
    return deduction_prompt(program, x), lambda: deduction_try(random, program, x, values)


def deduction_try(random, program, x, values):
    """(text, check lines, score), or None if this try came to nothing."""
    right, shown = random.random() < RIGHT_SHARE, random.random() < SHOWN_SHARE
    if not shown:
        answer = values[-1] if right else wrong_value(random, values[-1])
        return f"<ans>{literal(answer)}", checked_run(program, x, answer), BARE_RIGHT if right else WRONG
    lines = zip(program, values) if right else faulty_lines(random, program, x)
    return lines and judged_trace(program, x, values[-1], list(lines))


def faulty_lines(random, program, x):
    """A trace with wrong values, or one skipped line or changed statement; None if it leaves the domain."""
    fault = random.choice(("value", "skip", "change") if len(program) > 1 else ("value", "change"))
    at, kinds, lines = random.randrange(len(program)), kinds_before(program, "list" if type(x) is list else "int"), []
    for index, statement in enumerate(program):
        if fault == "skip" and index == at:
            continue
        if fault == "change" and index == at:
            statement = other_statement(random, program, at, kinds)
        x = step(statement, x)
        if fault == "value" and (index == at or random.random() < MORE_FAULTS):
            x = wrong_value(random, x)
        if x is None:
            return None
        lines.append((statement, x))
    return lines


def other_statement(random, program, at, kinds):
    """Another statement that could stand there."""
    while True:
        last = at == len(program) - 1
        statement = draw_return(random, kinds[at]) if last else draw_statement(random, kinds[at])[0]
        if statement != program[at]:
            return statement


def judged_trace(program, x, gold, lines):
    """The try that writes these (statement, value) lines; None where an answer is right by luck though every statement is there."""
    text = "<think>" + "".join(f"\n {s}#{literal(v)}" for s, v in lines) + f"<ans>{literal(lines[-1][1])}"
    check, fine, at, before = "", 0, 0, x
    for index, statement in enumerate(program):
        written, value = lines[at] if at < len(lines) else ("", None)
        truth = step(statement, before) if written == statement else None
        taken = written == statement or len(lines) - at >= len(program) - index
        check += f"\n {statement}{'' if truth is None else '#' + literal(truth)}"
        check += "ok" if truth == value and taken else "no" + (literal(value) if taken else "")
        fine += truth == value and taken
        if taken:
            at, before = at + 1, value
    right, complete = lines[-1][1] == gold, tuple(s for s, _ in lines) == tuple(program)
    if right:
        score = SHOWN_RIGHT if fine == len(program) else UNSHOWN_RIGHT
        return None if complete and fine < len(program) else (text, check, score)
    return text, check, 4 * fine // len(program)


def abductions(random, held_out):
    program, x, values = draw_task(random, STATEMENT_WEIGHTS, held_out)
    return abduction_prompt(program, values[-1]), lambda: abduction_try(random, program, x, values)


def abduction_try(random, program, x, values):
    """A right answer, or one whose backward run has one mistake; it is checked forwards."""
    right, shown = random.random() < RIGHT_SHARE, random.random() < SHOWN_SHARE
    answer = x if right else IN_DISTRIBUTION.draw(random, "list" if type(x) is list else "int")
    reached = run(program, answer)
    if right != (reached is not None and reached[-1] == values[-1]):
        return None
    trace = reverse_trace(program, x, values) if right else mistaken_trace(random, program, x, values, answer)
    text = (trace if shown else "") + f"<ans>{literal(answer)}"
    score = (SHOWN_RIGHT if shown else BARE_RIGHT) if right else WRONG
    return text, checked_run(program, answer, values[-1]), score


def mistaken_trace(random, program, x, values, answer):
    """The run backwards that is right down to some statement and from there leads to `answer`."""
    at = random.randrange(len(program))
    reached = [answer]
    for statement in program[:at]:
        reached.append(step(statement, reached[-1]))
    if any(value is None for value in reached):
        reached, at = [answer], 0
    before = [*reached[:at + 1], *[x, *values][at + 1:len(program)]]
    return "<think>" + "".join(f"\n {s}#{literal(v)}" for s, v in zip(reversed(program), reversed(before)))


def inductions(random, held_out):
    program, pairs = draw_induction(random, INDUCTION_STATEMENT_WEIGHTS, held_out)
    kind = "list" if type(pairs[0][0]) is list else "int"
    prompt = induction_prompt(pairs, draw_message(random, program))
    return prompt, lambda: induction_try(random, program, pairs, kind, held_out)


def induction_try(random, program, pairs, kind, held_out):
    """The program, a small change of it or any other; checked on the shown pairs up to the first that fails."""
    chance = random.random()
    if chance < RIGHT_SHARE:
        tried = program
    elif chance < 0.8:
        tried = mutate(random, program, kind)
    else:
        tried = draw_program(random, draw_count(random, INDUCTION_STATEMENT_WEIGHTS), kind)
    if tried is None or held_out.has(tried, [x for x, _ in pairs]):
        return None
    fits = [(values := run(tried, x)) is not None and values[-1] == y for x, y in pairs]
    if all(fits[:VISIBLE_PAIRS]) != all(fits[:PAIRS]):
        return None
    check, fitting = "", 0
    for (x, y), fit in zip(pairs[:VISIBLE_PAIRS], fits):
        check += checked_run(tried, x, y)
        if not fit:
            break
        fitting += 1
    score = SHOWN_RIGHT - (len(tried) - 1) if fitting == VISIBLE_PAIRS else fitting
    return f"<ans>{source(tried)}", check, score


def proposals(random, held_out):
    kind = draw_kind(random)
    while True:
        reference = draw_program(random, draw_count(random, STATEMENT_WEIGHTS), kind)
        if not held_out.has(reference, []) and run(reference, IN_DISTRIBUTION.draw(random, kind)) is not None:
            return f"<pded>{source(reference)}<new>", lambda: proposal_try(random, reference, kind, held_out)


def proposal_try(random, reference, kind, held_out):
    """A worthwhile variation, or a program that fails, or one whose output never varies."""
    if random.random() < RIGHT_SHARE:
        program, x = draw_variation(random, reference, kind, held_out)
        return f"{source(program)}<in>{literal(x)}", own_run(program, x) + "ok", max(5, SHOWN_RIGHT - (len(program) - 1))
    kind = draw_kind(random)
    program = draw_program(random, draw_count(random, STATEMENT_WEIGHTS), kind)
    x = IN_DISTRIBUTION.draw(random, kind)
    runs, varied = run(program, x) is not None, not is_trivial(program, kind)
    if (runs and varied) or held_out.has(program, [x]):
        return None
    return f"{source(program)}<in>{literal(x)}", own_run(program, x) + "no", 2 if runs else 0


def own_run(program, x):
    """The judge's own run of the program; it ends at a statement that fails."""
    check = ""
    for statement in program:
        x = step(statement, x)
        check += f"\n {statement}" + ("" if x is None else f"#{literal(x)}")
        if x is None:
            break
    return check


def checked_run(program, x, wanted):
    """The judge's own run and whether it ends with the value that it should end with; if not, that value."""
    values = run(program, x)
    return own_run(program, x) + ("ok" if values is not None and values[-1] == wanted else f"no{literal(wanted)}")


def wrong_value(random, value):
    """Another value, mostly near this one; of a list one element differs, or one is missing. None stays None."""
    if type(value) is int:
        if random.random() > NEAR_SHARE:
            return value + random.randint(3, 30) * (1 if value < 0 else -1)
        near = value + random.choice((-10, -2, -1, 1, 2, 10))
        return near if abs(near) <= LARGEST else value - 1
    if not value:
        return None if value is None else [0]
    at = random.randrange(len(value))
    if random.random() < 0.25:
        return value[:at] + value[at + 1:]
    return value[:at] + [wrong_value(random, value[at])] + value[at + 1:]


QUERY_DRAWS = {"deduction": deductions, "abduction": abductions, "induction": inductions, "proposal": proposals}
