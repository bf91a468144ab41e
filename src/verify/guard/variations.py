
# ---- inputs similar to the given one, to see whether a program uses its input ----

PROBES = 8
# Used if too few variations gave an output: values of every type, those of the input's own type first.
OTHERS = [
    7, -5, 12, 50, [4, 1, 2], [3], [0, 5, 5, 9], ["a", "b"], [[1], [2, 3]], "ab", "Q7 x", "zebra", (1, 2), ("a",), (3, 1, 2),
    {"a": 1}, {1: 2, 3: 4}, {"b": [1]}, {1, 2}, {"k", "m"}, True, False, None, 2.5, -0.25, 1e6,
]


def variations(value):
    """Functions that make a variation each, so that one that raises does not prevent the others."""
    kind = type(value)
    if kind is bool:
        return [lambda: not value]
    if kind is int:
        return [lambda number=number: number for number in (0, 1, 2, -3, value + 1, 20, 97, 1003)]
    if kind is float:
        return [lambda: 0.0, lambda: 1.5, lambda: -value, lambda: value + 1.0, lambda: value * 2.0, lambda: 1003.25]
    if kind is str:
        return [lambda: "", lambda: " Ba 1,", lambda: value + "a", lambda: value[::-1], lambda: value[1:],
                lambda: value.upper(), lambda: value * 4]
    if kind is list or kind is tuple:
        return [lambda: value[::-1], lambda: value[1:], lambda: value + value[:1], lambda: value * 3,
                lambda: shifted(value, 1), lambda: shifted(value, 41), lambda: shifted(value, -41), lambda: kind()]
    if kind is set:
        return [lambda: set(), lambda: set(sorted(value, key=encode)[1:]), lambda: value | {1}]
    if kind is dict:
        return [lambda: {}, lambda: moved(value, 1), lambda: dict(list(value.items())[1:]), lambda: moved(value, 41)]
    return []


def others(value):
    alike = [other for other in OTHERS if type(other) is type(value)]
    rest = [other for other in OTHERS if type(other) is not type(value)]
    return [lambda other=other: other for other in alike + rest]


def shifted(items, distance):
    return type(items)([moved(item, distance) for item in items])


def moved(item, distance):
    """A slightly different value of the same shape."""
    kind = type(item)
    if kind is int:
        return item + distance
    if kind is list or kind is tuple:
        return shifted(item, distance)
    if kind is dict:
        return {key: moved(part, distance) for key, part in item.items()}
    return next((vary() for vary in variations(item)), item)


def in_turns(rows):
    """(row, item) for the first item of every row, then the second of every row, and so on."""
    longest = max(map(len, rows), default=0)
    return [(row, items[place]) for place in range(longest) for row, items in enumerate(rows) if place < len(items)]


def probe_arguments(nodes, draw, most):
    """Canonical texts of at most `most` argument lists that vary one argument each."""
    values = fresh_arguments(nodes)
    given = [encode(value) for value in values]
    texts = {", ".join(given): None}
    for position, vary in in_turns([draw(value) for value in values]):
        if len(texts) > most:
            break
        try:
            texts[", ".join([*given[:position], encode(vary()), *given[position + 1:]])] = None
        except (Reject, TypeError, OverflowError):
            continue   # a variation without canonical text is left out
    return list(texts)[1:]


def probes_of(job):
    """Variations of the first input; [] if it cannot be read."""
    if not job["probe"] or not job["inputs"]:
        return []
    try:
        nodes = parse_arguments(job["inputs"][0])
        if job["probe"] == "others":
            return probe_arguments(nodes, others, len(OTHERS))
        return probe_arguments(nodes, variations, PROBES)
    except Reject:
        return []
