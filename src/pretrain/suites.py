"""Held-out suites and 1-shot candidates: fixed seeds, no task twice, nothing that any other suite holds."""

import json
from random import Random

from draws import HeldOut, abduction_prompt, deduction_prompt, draw_induction, draw_task, induction_prompt
from language import IN_DISTRIBUTION, OUT_OF_DISTRIBUTION, draw_count, literal, source
from long import LONG_STATEMENTS, draw_long

# Shares of 1, 2, ... statements. The length is drawn before any candidate is rejected. So a later suite, which must avoid more
# taken programs, is as hard as an earlier one.
SUITE_WEIGHTS = (0.11, 0.32, 0.35, 0.22)
SUITE_INDUCTION_WEIGHTS = (0.18, 0.55, 0.27)
HARDER_WEIGHTS = (0, 0, 0, 0, 0.5, 0.5)
HARDER_INDUCTION_WEIGHTS = (0, 0.5, 0.5)

# Probability that an input of an out-of-distribution induction task is an ordinary one: five hard ones rarely fit the domain.
EASY_INPUT_SHARE = 0.3


def harder_input(random, kind):
    inputs = IN_DISTRIBUTION if random.random() < EASY_INPUT_SHARE else OUT_OF_DISTRIBUTION
    return inputs.draw(random, kind)

# Per suite of long programs.
LONG_TASKS = 200


def exactly(count):
    """Statement weights that leave one choice."""
    return (0,) * (count - 1) + (1,)


def single(kind, prompt, program, x, values):
    output = values[-1]
    return {
        "type": kind, "program": source(program), "input": literal(x), "output": literal(output),
        "statements": len(program), "prompt": prompt(program, x if kind == "deduction" else output),
    }


def several(program, pairs):
    return {
        "type": "induction", "program": source(program), "inputs": [literal(x) for x, _ in pairs],
        "outputs": [literal(y) for _, y in pairs], "message": "", "statements": len(program),
        "prompt": induction_prompt(pairs, ""),
    }


class Writer:
    """Draws suites one after another; `taken` grows with every task, so that no two suites share one."""

    def __init__(self, taken):
        self.taken = taken

    def collect(self, random, count, weights, draw):
        """`count` tasks from `draw(statement weights)`; no program twice within them, and none that is already taken."""
        tasks, programs = [], set()
        while len(tasks) < count:
            length = exactly(draw_count(random, weights))
            task = draw(length)
            while task["program"] in programs:
                task = draw(length)
            programs.add(task["program"])
            self.taken.add(task)
            tasks.append(task)
        return tasks

    def singles(self, random, kind, count, weights, inputs):
        prompt = deduction_prompt if kind == "deduction" else abduction_prompt
        return self.collect(
            random, count, weights, lambda length: single(kind, prompt, *draw_task(random, length, self.taken, inputs))
        )

    def suite(self, seed, count, weights, induction_weights, inputs, draw_input):
        random = Random(seed)
        return [
            *self.singles(random, "deduction", count, weights, inputs),
            *self.singles(random, "abduction", count, weights, inputs),
            *self.collect(
                random, count, induction_weights,
                lambda length: several(*draw_induction(random, length, self.taken, draw_input)),
            ),
        ]

    def in_distribution(self, seed):
        return self.suite(seed, 400, SUITE_WEIGHTS, SUITE_INDUCTION_WEIGHTS, IN_DISTRIBUTION, IN_DISTRIBUTION.draw)

    def out_of_distribution(self, seed):
        return self.suite(seed, 300, HARDER_WEIGHTS, HARDER_INDUCTION_WEIGHTS, OUT_OF_DISTRIBUTION, harder_input)

    def candidates(self, seed):
        """Deduction tasks with something to work out: two statements or more."""
        return self.singles(Random(seed), "deduction", 200, (0, *SUITE_WEIGHTS[1:]), IN_DISTRIBUTION)

    def long(self, seed, statements):
        """Deduction tasks of that many statements; an answer that skips one is wrong."""
        random = Random(seed)
        draw = lambda length: single("deduction", deduction_prompt, *draw_long(random, len(length), self.taken))
        return self.collect(random, LONG_TASKS, exactly(statements), draw)


def write_suites(elsewhere):
    """All suite files as {name: JSONL text}; `elsewhere` are tasks of other models' test sets to stay clear of."""
    writer = Writer(HeldOut(elsewhere))
    suites = {
        "in-distribution": writer.in_distribution("kelvin held-out 1"),
        "out-of-distribution": writer.out_of_distribution("kelvin held-out 2"),
        "fresh-in-distribution": writer.in_distribution("kelvin fresh 1"),
        "fresh-out-of-distribution": writer.out_of_distribution("kelvin fresh 2"),
        "one-shot-candidates": writer.candidates("kelvin one-shot 1"),
    }
    for seed, prefix in (("kelvin long 1", "long"), ("kelvin fresh long 1", "fresh-long")):
        for statements in LONG_STATEMENTS:
            suites[f"{prefix}-{statements}"] = writer.long(f"{seed}, {statements}", statements)
    return {name: "".join(json.dumps(task) + "\n" for task in tasks) for name, tasks in suites.items()}
