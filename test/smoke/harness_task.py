"""The problems of harness.ts as tasks of Inspect AI, in the form of lm-evaluation-harness's gsm8k_cot: examples in the prompt, a
reply that ends where a paragraph does, and a pattern that reads "The answer is 7."
"""

import json
import os
from random import Random

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import GenerateConfig
from inspect_ai.scorer import pattern
from inspect_ai.solver import generate

with open(os.environ["HARNESS_ROWS"]) as file:
    rows = [json.loads(line) for line in file]

SUMS = [(2, 3), (1, 1), (4, 2), (9, 3), (5, 5), (6, 1), (7, 3), (2, 6)]
FRUITS = [("apple", "A"), ("pear", "B"), ("plum", "C"), ("cherry", "D"), ("lemon", "B"), ("peach", "C")]

examples = {
    "math": [f"Q: What is {a} plus {b}?\nA: {a} + {b} = {a + b}. The answer is {a + b}." for a, b in SUMS],
    "choice": [
        "Q: Which of these is a fruit? "
        + " ".join(f"({letter}) {fruit if letter == right else 'stone'}" for letter in "ABCD")
        + f"\nA: A {fruit} is a fruit. The answer is ({right})."
        for fruit, right in FRUITS
    ],
}


def prompt(row):
    """Three examples, drawn and ordered by the problem's id, and the question."""
    shots = Random(row["id"]).sample(examples[row["kind"]], 3)
    options = "".join(f" ({letter}) {text}" for letter, text in zip("ABCD", row.get("choices", [])))
    return "\n\n".join([*shots, f"Q: {row['question']}{options}\nA:"])


@task
def problems():
    return Task(
        dataset=MemoryDataset([Sample(id=row["id"], input=prompt(row), target=row["answer"]) for row in rows]),
        solver=generate(),
        config=GenerateConfig(stop_seqs=["\n\n", "Q:"]),
        scorer=pattern(r"The answer is \(?(-?\d+|[A-D])\b"),
    )
