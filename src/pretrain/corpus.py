"""The synthetic corpus: endless (prompt, completion) pairs of the formats, from one seeded generator.

    deduction    <ded>P<in>i<out>              ->  <ans>o<eos>  or  <think> the run, statement by statement <ans>o<eos>
    abduction    <abd>P<out>o<in>              ->  <ans>i<eos>  or  <think> the run backwards <ans>i<eos>
    induction    <ind>i<out>o;i<out>o;i<out>o<msg>m   ->  <ans>P<eos>
    proposer     <pded>P<new>  <pabd>P<new>    ->  P<in>i<eos>           a variation of P, or a fresh program
    proposer     <pind>P<new>                  ->  i;i;i;i;i<msg>m<eos>  inputs that tell P from other programs
    simplifier   <easy>P<in>i<new>             ->  P<in>i<eos>           an easier program, if `easy_share` is not 0

If `judge_share` is not 0, also (Q is a prompt of the first five kinds, a an answer to it, l a law; see judging.py and laws.py):

    judge        <judge>Q<try>a                ->  <score>s<eos>  or  <rule> words <check> lines <score>s<eos>
    preference   <judge><law>l<try>P<try>R<best>  ->  A<eos>  or  B<eos>
    critic       <judge><law>l<try>P<check>    ->  the statement that breaks the law, or ok, and <eos>
    reviser      <fix><law>l<try>P<check>c<new>   ->  P<in>i<eos>
"""

from random import Random

from draws import (
    STATEMENT_WEIGHTS,
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
from edits import draw_simpler, draw_variation
from judging import draw_judgement
from language import IN_DISTRIBUTION, OUT_OF_DISTRIBUTION, draw_count, draw_program, literal, run, source
from laws import draw_critique, draw_preference, draw_revision
from long import LONG_STATEMENTS, draw_long

KINDS = ("deduction", "abduction", "induction", "propose-deduction", "propose-abduction", "propose-induction")
SHORT_STATEMENT_WEIGHTS = (0.5, 0.3, 0.2)
INDUCTION_STATEMENT_WEIGHTS = (0.4, 0.4, 0.2)
TAIL_STATEMENTS = tuple(range(9, 17))
# Weights of judgements, preferences, critiques and revisions among the examples that judge.
JUDGING = ((draw_judgement, 8), (draw_preference, 2), (draw_critique, 2), (draw_revision, 3))

# Separators that the task language does not contain.
FIELD, RECORD = "\x1f", "\x1e"


class Corpus:
    """Examples drawn one after another.

    `long_share` is the share of deduction and abduction examples with five to eight statements, all of which matter;
    `easy_share` is the share of all examples that make a program easier, and `judge_share` of those that judge; `tail_share` of the long programs have nine to sixteen
    statements, and `wide_share` of the short ones larger inputs. A share of 0
    draws nothing, so that such a corpus is what it was before the format existed.
    """

    def __init__(self, seed, held_out, mixture, statement_weights, trace_share, long_share=0, easy_share=0, judge_share=0, tail_share=0, wide_share=0):
        self.random = Random(seed)
        self.held_out = held_out
        self.mixture = mixture
        self.statement_weights = statement_weights
        self.trace_share = trace_share
        self.long_share = long_share
        self.easy_share = easy_share
        self.judge_share = judge_share
        self.tail_share = tail_share
        self.wide_share = wide_share

    def example(self):
        if self.judge_share > 0 and self.random.random() < self.judge_share:
            draws, weights = zip(*JUDGING)
            return self.random.choices(draws, weights)[0](self.random, self.held_out)
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
            return draw_long(self.random, self.long_count(), self.held_out)
        wide = self.wide_share > 0 and self.random.random() < self.wide_share
        inputs = OUT_OF_DISTRIBUTION if wide else IN_DISTRIBUTION
        return draw_task(self.random, self.statement_weights, self.held_out, inputs)

    def long_count(self):
        is_tail = self.tail_share > 0 and self.random.random() < self.tail_share
        return self.random.choice(TAIL_STATEMENTS if is_tail else LONG_STATEMENTS)

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
