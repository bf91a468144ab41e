"""The task language: random Python functions of one variable, run for real, one statement at a time.

A program is a tuple of statements; the last one returns, the others rebind x:

    ("x=x+8", "x=x%5", "return 14-x")

Values are whole numbers with at most two digits and lists of at most six of them. A run that leaves this domain
anywhere on its way, or raises, is no run. The tuple is the program's identity: every construct has one spelling.
"""

from functools import cache

LARGEST = 99
LONGEST = 6

BRANCH_SHARE = 0.10
LOOP_SHARE = 0.04
REDUCE_SHARE_INNER = 0.2
REDUCE_SHARE_RETURN = 0.5


def _span(template, first, last, weight):
    constants = range(first, last + 1)
    return [(template.replace("c", str(c)), weight / len(constants)) for c in constants]


def _table(*rows):
    pairs = [pair for row in rows for pair in row]
    total, texts, bounds = 0.0, [], []
    for text, weight in pairs:
        total += weight
        texts.append(text)
        bounds.append(total)
    return texts, bounds


INT_EXPRESSIONS = _table(
    _span("x+c", 1, 9, 3), _span("x-c", 1, 9, 2), _span("x*c", 2, 3, 2), _span("x//c", 2, 3, 1), _span("x%c", 2, 9, 1),
    [(f"max(x,{c})", 0.1) for c in range(3, 13)], [(f"min(x,{c})", 0.1) for c in range(3, 13)],
    _span("c-x", 10, 20, 1), [("x+x", 1)],
)
LIST_EXPRESSIONS = _table(
    [("x[::-1]", 2.5), ("sorted(x)", 1), ("x[1:]", 1), ("x[:-1]", 1)],
    _span("x+[c]", 0, 9, 1), _span("[c]+x", 0, 9, 1),
    [(f"[a+{c} for a in x]", 1 / 3) for c in (1, 2, 3)], [("[a*2 for a in x]", 0.5)],
)
REDUCTIONS = ("sum(x)", "len(x)", "max(x)", "min(x)", "x[0]", "x[-1]")
LOOP_BODIES = _table([("x=x+i", 1), ("x=x+2", 2), ("x=x+3", 2)])


def draw(random, table):
    """One text of a weighted table."""
    texts, bounds = table
    return random.choices(texts, cum_weights=bounds)[0]


def draw_count(random, weights):
    """A number of statements, 1 for the first weight."""
    return random.choices(range(1, len(weights) + 1), weights)[0]


def draw_statement(random, kind):
    """An inner statement for x of `kind` ("int" or "list"), and the kind it leaves behind."""
    if kind == "list":
        if random.random() < REDUCE_SHARE_INNER:
            return "x=" + random.choice(REDUCTIONS), "int"
        return "x=" + draw(random, LIST_EXPRESSIONS), "list"
    chance = random.random()
    if chance < BRANCH_SHARE:
        return f"if x{random.choice('<>')}{random.randint(3, 15)}:x={draw(random, INT_EXPRESSIONS)}", "int"
    if chance < BRANCH_SHARE + LOOP_SHARE:
        return f"for i in range({random.randint(2, 3)}):{draw(random, LOOP_BODIES)}", "int"
    return "x=" + draw(random, INT_EXPRESSIONS), "int"


def draw_return(random, kind):
    if kind == "int":
        return "return " + draw(random, INT_EXPRESSIONS)
    if random.random() < REDUCE_SHARE_RETURN:
        return "return " + random.choice(REDUCTIONS)
    return "return " + draw(random, LIST_EXPRESSIONS)


def draw_program(random, count, kind):
    """A program of `count` statements for an input of `kind`; it may still leave the domain on a given input."""
    statements = []
    for _ in range(count - 1):
        statement, kind = draw_statement(random, kind)
        statements.append(statement)
    statements.append(draw_return(random, kind))
    return tuple(statements)


class Inputs:
    """Where inputs come from: numbers of a range, lists of a range of lengths and digits."""

    def __init__(self, numbers, lengths, elements):
        self.numbers, self.lengths, self.elements = numbers, lengths, elements

    def draw(self, random, kind):
        if kind == "int":
            return random.randint(*self.numbers)
        return [random.randint(*self.elements) for _ in range(random.randint(*self.lengths))]


IN_DISTRIBUTION = Inputs((0, 19), (2, 4), (0, 9))
OUT_OF_DISTRIBUTION = Inputs((10, 39), (4, 5), (0, 14))


@cache
def function(statement):
    """The statement as a Python function of x, compiled once."""
    scope = {}
    tail = "" if statement.startswith("return") else "\n return x"
    exec(f"def f(x):\n {statement}{tail}", scope)
    return scope["f"]


def in_domain(value):
    if type(value) is int:
        return -LARGEST <= value <= LARGEST
    return type(value) is list and len(value) <= LONGEST and all(type(v) is int and -LARGEST <= v <= LARGEST for v in value)


def step(statement, x):
    """The value that the statement leaves; None where it raises or leaves the domain."""
    try:
        x = function(statement)(x)
    except (IndexError, ValueError, TypeError):
        return None
    return x if in_domain(x) else None


def run(program, x):
    """The value after every statement, or None where a statement raises or leaves the domain."""
    values = []
    for statement in program:
        x = step(statement, x)
        if x is None:
            return None
        values.append(x)
    return values


def source(program):
    return "def f(x):\n " + "\n ".join(program)


def literal(value):
    """Python's own spelling without blanks."""
    return str(value).replace(" ", "")
