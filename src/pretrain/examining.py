"""An examination in the later formats: fresh prompts, and how many of the completions do what the format asks."""

import json
from random import Random

from judging import draw_tries
from language import run
from laws import LAWS, draw_critique, draw_preference, draw_revision, offence
from long import every_statement_matters

PAIR_QUERIES = ("deduction", "abduction", "induction", "proposal")


def statements(text):
    """The tuple of a program's text; None if it does not begin like one."""
    head, *body = text.split("\n ")
    return tuple(body) if head == "def f(x):" and body else None


def read_proposal(text):
    """(program, input) of `P<in>x`, or None. An input is a whole number or a list of them."""
    parts = text.split("<in>")
    program = statements(parts[0])
    digits = parts[-1].replace("[", "").replace("]", "").replace(",", "").replace("-", "")
    if len(parts) != 2 or program is None or not digits.isdigit():
        return None
    try:
        return program, json.loads(parts[1])
    except ValueError:
        return None


def runs(program, x):
    """The values, or None; what the model wrote may be no Python at all."""
    try:
        return run(program, x)
    except (SyntaxError, NameError, AttributeError, ZeroDivisionError):
        return None


class Examination:
    """Questions of one seed: prompts, and how their completions are marked. A mark is (name, holds), or several."""

    def __init__(self, seed, corpus, held_out, count):
        random = Random(seed)
        self.questions = [question for _ in range(count) for question in (
            *judging(random, held_out), preferring(random, held_out), criticising(random, held_out),
            revising(random, held_out), simplifying(corpus),
        )]

    def prompts(self):
        return [prompt for prompts, _ in self.questions for prompt in prompts]

    def marks(self, completions):
        """{name: [held, asked]}; a completion that did not end by itself is None."""
        found, left = {}, iter(completions)
        for prompts, mark in self.questions:
            for name, holds in mark(*(next(left) or "" for _ in prompts)):
                held, asked = found.get(name, (0, 0))
                found[name] = [held + bool(holds), asked + 1]
        return found


def judging(random, held_out):
    """A right and a wrong try, each judged by itself, worked out and at once."""
    first = random.random() < 0.5
    right = [first, not first]
    question, tries = draw_tries(random, held_out, random.choice(PAIR_QUERIES), right)
    for way, start in (("worked", "<rule>"), ("at once", "<score>")):
        prompts = [f"<judge>{question}<try>{text}{start}" for text, _, _ in tries]
        yield prompts, lambda one, other, way=way, start=start: judged(start + one, start + other, way, right)


def judged(one, other, way, right):
    scores = [text.split("<score>")[-1] for text in (one, other)]
    parsed = ["<score>" in text and score.isdigit() for text, score in zip((one, other), scores)]
    best = all(parsed) and scores[0] != scores[1] and (int(scores[0]) > int(scores[1])) == right[0]
    return [*(("judge/parsed", holds) for holds in parsed), (f"judge/{way}", best)]


def preferring(random, held_out):
    prompt, right = draw_preference(random, held_out)
    return [prompt], lambda text: [("preference/right", f"{text}<eos>" == right)]


def criticising(random, held_out):
    prompt, right = draw_critique(random, held_out)
    return [prompt], lambda text: [("critique/right", f"{text}<eos>" == right)]


def revising(random, held_out):
    prompt, _ = draw_revision(random, held_out)
    law = next(law for law in LAWS if prompt.startswith(f"<fix><law>{law}<try>"))
    return [prompt], lambda text: revised(law, read_proposal(text))


def revised(law, proposal):
    valid = proposal is not None and runs(*proposal) is not None
    return [
        ("revision/parsed", proposal is not None), ("revision/valid", valid),
        ("revision/obeys", valid and offence(law, proposal[0]) is None),
    ]


def simplifying(corpus):
    prompt, _ = corpus.simpler()
    program = statements(prompt.removeprefix("<easy>").split("<in>")[0])
    return [prompt], lambda text: simplified(program, read_proposal(text))


def simplified(program, proposal):
    values = proposal and runs(*proposal)
    valid = bool(values) and proposal[0] != program and every_statement_matters(*proposal, values[-1])
    return [
        ("simplify/parsed", proposal is not None), ("simplify/valid", valid),
        ("simplify/shorter", valid and len(proposal[0]) < len(program)),
    ]
