"""Integrals of sums of terms: corpus and held-out suites of a base model of its own.

    integration  <int>E<out>   ->  <ans>F<eos>
    simplifier   <easy>E<new>  ->  E<eos>

A term is a power 6*x*x, a product x*(3*x-4), or a reciprocal 5/(x*x). Coefficients are drawn so that those of the antiderivative are
whole numbers: what has to be learned is the rule for each term, to miss none, and to gather them.
"""

import json
from random import Random

FIELD, RECORD = "\x1f", "\x1e"
LONG_TERMS = (5, 6, 7, 8)
LONG_TASKS = 200
# Weights of powers, products and reciprocals.
TERM_WEIGHTS = (0.7, 0.15, 0.15)
HIGHEST_POWER = 2
# Shares of 2, 3 and 4 terms in the suites: of one term there are too few to hold any out.
SUITE_WEIGHTS = (0, 0.35, 0.35, 0.3)
HARDER_WEIGHTS = (0, 0, 0, 0, 0.5, 0.5)
USUAL, LARGER = 9, 16
LONGEST_EXPRESSION = 90


def power(coefficient, exponent):
    """c*x*x as it is written; c/x for the exponent -1."""
    if exponent == -1:
        return f"{coefficient}/x"
    factors = ["x"] * exponent
    return "*".join(factors if coefficient == 1 and factors else [str(coefficient), *factors])


class Term:
    """Its text, and the parts of its antiderivative as (coefficient, exponent)."""

    def __init__(self, text, parts, function):
        self.text = text
        self.parts = parts
        self.function = function

    def antiderivative(self, sign, first):
        pieces = [signed(sign * c, power(abs(c), n), first and at == 0) for at, (c, n) in enumerate(self.parts)]
        return "".join(pieces)


def signed(sign, text, bare):
    return f"-{text}" if sign < 0 else text if bare else f"+{text}"


def draw_power(random, largest, highest=HIGHEST_POWER):
    a, n = random.randint(1, largest), random.randint(0, highest)
    return Term(power(a * (n + 1), n), [(a, n + 1)], {n: a * (n + 1)})


def draw_product(random, largest):
    a, b, sign = random.randint(1, max(1, largest // 3)), random.randint(1, max(1, largest // 2)), random.choice((1, -1))
    text = f"x*({3 * a}*x{'+' if sign > 0 else '-'}{2 * b})"
    return Term(text, [(a, 3), (sign * b, 2)], {2: 3 * a, 1: sign * 2 * b})


def draw_reciprocal(random, largest):
    c = random.randint(1, largest)
    return Term(f"{c}/(x*x)", [(-c, -1)], {-2: c})


def draw_term(random, largest):
    return random.choices((draw_power, draw_product, draw_reciprocal), TERM_WEIGHTS)[0](random, largest)


class Integrand:
    """Signed terms in order."""

    def __init__(self, terms):
        self.terms = terms

    def text(self):
        return "".join(signed(sign, term.text, at == 0) for at, (sign, term) in enumerate(self.terms))

    def answer(self):
        return "".join(term.antiderivative(sign, at == 0) for at, (sign, term) in enumerate(self.terms))

    def key(self):
        """The function that it is, whatever the order of its terms."""
        total = {}
        for sign, term in self.terms:
            for exponent, coefficient in term.function.items():
                total[exponent] = total.get(exponent, 0) + sign * coefficient
        return tuple(sorted((n, c) for n, c in total.items() if c))


def draw_integrand(random, count, held_out, largest=USUAL):
    """One of `count` terms that is not held out. Only its first term is always added."""
    while True:
        terms = [(1 if at == 0 else random.choice((1, -1)), draw_term(random, largest)) for at in range(count)]
        integrand = Integrand(terms)
        key = integrand.key()
        if len(integrand.text()) <= LONGEST_EXPRESSION and len(key) > 0 and key not in held_out:
            return integrand


def draw_easier(random, integrand):
    """One or two terms fewer, or one term in a smaller form; None if this draw gives none."""
    terms = list(integrand.terms)
    if random.random() < 0.75 and len(terms) > 1:
        for _ in range(random.randint(1, min(2, len(terms) - 1))):
            terms.pop(random.randrange(len(terms)))
    else:
        at = random.randrange(len(terms))
        sign, term = terms[at]
        highest = max(0, max(exponent for _, exponent in term.parts) - 2)
        easier = draw_power(random, max(1, min(abs(c) for c, _ in term.parts)), min(highest, HIGHEST_POWER))
        if easier.text == term.text:
            return None
        terms[at] = (sign, easier)
    terms[0] = (1, terms[0][1])
    return Integrand(terms)


def draw_count(random, weights):
    return random.choices(range(1, len(weights) + 1), weights)[0]


class Corpus:
    """Examples drawn one after another; shares as in corpus.py."""

    def __init__(self, seed, held_out, statement_weights, long_share=0, easy_share=0):
        self.random = Random(seed)
        self.held_out = held_out
        self.statement_weights = statement_weights
        self.long_share = long_share
        self.easy_share = easy_share

    def example(self):
        if self.random.random() < self.easy_share:
            return self.simpler()
        is_long = self.random.random() < self.long_share
        count = self.random.choice(LONG_TERMS) if is_long else draw_count(self.random, self.statement_weights)
        integrand = draw_integrand(self.random, count, self.held_out)
        return f"<int>{integrand.text()}<out>", f"<ans>{integrand.answer()}<eos>"

    def simpler(self):
        while True:
            integrand = draw_integrand(self.random, self.random.randint(1, LONG_TERMS[-1]), self.held_out)
            easier = draw_easier(self.random, integrand)
            if easier is not None and easier.key() not in self.held_out:
                return f"<easy>{integrand.text()}<new>", f"{easier.text()}<eos>"

    def take(self, examples):
        return RECORD.join(FIELD.join(self.example()) for _ in range(examples))


def write_suites():
    """All suite files as {name: JSONL text}, and the keys of their integrands."""
    taken = set()

    def suite(seed, count, weights, largest=USUAL):
        random = Random(seed)
        rows = []
        for _ in range(count):
            integrand = draw_integrand(random, draw_count(random, weights), taken, largest)
            taken.add(integrand.key())
            rows.append({"type": "integration", "program": integrand.text(), "statements": len(integrand.terms)})
        return "".join(json.dumps(row) + "\n" for row in rows)

    suites = {
        "in-distribution": suite("kelvin integrals 1", 400, SUITE_WEIGHTS),
        "out-of-distribution": suite("kelvin integrals 2", 300, HARDER_WEIGHTS, LARGER),
        "fresh-in-distribution": suite("kelvin fresh integrals 1", 400, SUITE_WEIGHTS),
    }
    for terms in LONG_TERMS:
        weights = (0,) * (terms - 1) + (1,)
        suites[f"fresh-long-{terms}"] = suite(f"kelvin fresh long integrals, {terms}", LONG_TASKS, weights)
    return suites, taken
