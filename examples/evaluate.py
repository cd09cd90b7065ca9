"""The team on a LangGraph server as the target of LangSmith's `evaluate()` in Python; where LANGSMITH_ENDPOINT says, which may
be the local store (`npm run -s boardroom -- traces serve`).

    pip install langgraph langsmith
    LANGSMITH_ENDPOINT=http://127.0.0.1:1984 LANGSMITH_API_KEY=local python examples/evaluate.py http://127.0.0.1:2024
"""

import sys

from langgraph.pregel.remote import RemoteGraph
from langsmith import Client, evaluate

url = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:2024"
team = RemoteGraph("team", url=url)
client = Client()
name = "products of python"

if not client.has_dataset(dataset_name=name):
    dataset = client.create_dataset(name)
    client.create_examples(
        dataset_id=dataset.id,
        examples=[
            {"inputs": {"question": "What is 6 times 7?"}, "outputs": {"answer": "42"}},
            {"inputs": {"question": "What is 6 times 8?"}, "outputs": {"answer": "48"}},
        ],
    )


def target(inputs: dict) -> dict:
    task = {"question": inputs["question"], "kind": "math"}
    done = team.invoke({"task": task}, {"configurable": {"maxExperts": 2, "rounds": 1}})
    return {"answer": done["answer"]}


def right(outputs: dict, reference_outputs: dict) -> dict:
    return {"key": "right", "score": int(outputs["answer"] == reference_outputs["answer"])}


experiment = evaluate(target, data=name, evaluators=[right], experiment_prefix="team", client=client)
for row in experiment:
    scores = row["evaluation_results"]["results"]
    print(row["example"].inputs["question"], row["run"].outputs["answer"], scores[0].score)
