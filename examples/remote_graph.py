"""The team on a LangGraph server, as a node of a LangGraph in Python: `npm run -s boardroom -- studio --no-browser`, then

    pip install langgraph && python examples/remote_graph.py http://127.0.0.1:2024 "What is 6 times 7?"
"""

import sys
from typing import TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.pregel.remote import RemoteGraph

url, question = sys.argv[1:3] if len(sys.argv) > 2 else ("http://127.0.0.1:2024", "What is 6 times 7?")
team = RemoteGraph("team", url=url)


class Homework(TypedDict, total=False):
    question: str
    task: dict
    answer: str
    status: str


def put(state: Homework) -> Homework:
    return {"task": {"question": state["question"], "kind": "math"}}


graph = (
    StateGraph(Homework)
    .add_node("put", put)
    .add_node("team", team)
    .add_edge(START, "put")
    .add_edge("put", "team")
    .add_edge("team", END)
    .compile()
)

# Settings go by `configurable`; those that are left out are the server's.
done = graph.invoke({"question": question}, {"configurable": {"maxExperts": 2, "rounds": 1}})
print(f"{done['status']}: {done['answer']}")
