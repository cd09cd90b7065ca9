"""The problems of harness.ts as a task of Inspect AI, which asks and scores in its own ways."""

import json
import os

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.scorer import choice, match
from inspect_ai.solver import generate, multiple_choice

with open(os.environ["HARNESS_ROWS"]) as file:
    rows = [json.loads(line) for line in file]


def samples(kind):
    return MemoryDataset(
        [
            Sample(id=row["id"], input=row["question"], choices=row.get("choices"), target=row["answer"])
            for row in rows
            if row["kind"] == kind
        ]
    )


@task
def sums():
    return Task(dataset=samples("math"), solver=generate(), scorer=match(numeric=True))


@task
def choices():
    return Task(dataset=samples("choice"), solver=multiple_choice(), scorer=choice())
