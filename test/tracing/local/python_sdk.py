"""What a user of LangSmith's Python SDK asks of the local store; fails where an answer is not as LangSmith's."""

from langsmith import Client, evaluate, traceable

client = Client()

dataset = client.create_dataset("sums of python", description="small sums")
assert client.has_dataset(dataset_name="sums of python")
assert not client.has_dataset(dataset_name="nobody's")
client.create_examples(
    dataset_id=dataset.id,
    examples=[{"inputs": {"n": n}, "outputs": {"sum": n + 1}, "metadata": {"n": n}} for n in (1, 2, 3)],
)
client.create_example(dataset_id=dataset.id, inputs={"n": 4}, outputs={"sum": 0})
client.update_dataset_tag(
    dataset_id=dataset.id,
    as_of=client.read_dataset_version(dataset_id=dataset.id, tag="latest").as_of,
    tag="v1",
)
examples = list(client.list_examples(dataset_name="sums of python", as_of="v1"))
assert sorted(example.inputs["n"] for example in examples) == [1, 2, 3, 4]
wrong = next(example for example in examples if example.inputs["n"] == 4)
client.update_example(example_id=wrong.id, outputs={"sum": 5})
assert client.read_example(wrong.id).outputs == {"sum": 5}


@traceable(run_type="llm", name="adder")
def add(n):
    return {"sum": n + 1, "usage_metadata": {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}}


def target(inputs):
    return add(inputs["n"])


def correct(outputs, reference_outputs):
    return outputs["sum"] == reference_outputs["sum"]


results = evaluate(
    target, data="sums of python", evaluators=[correct], experiment_prefix="python", client=client, max_concurrency=2
)
results.wait()
client.flush()

experiment = client.read_project(project_name=results.experiment_name)
assert experiment.reference_dataset_id == dataset.id
roots = list(client.list_runs(project_name=results.experiment_name, is_root=True))
assert len(roots) == 4, roots
assert all(run.status == "success" and run.reference_example_id for run in roots)
scores = [feedback.score for feedback in client.list_feedback(run_ids=[run.id for run in roots])]
assert scores == [1, 1, 1, 1], scores
models = list(client.list_runs(project_name=results.experiment_name, run_type="llm", limit=3))
assert [run.name for run in models] == ["adder"] * 3, models
assert models[0].total_tokens == 5
whole = client.read_run(roots[0].id, load_child_runs=True)
assert whole.outputs["sum"] == whole.inputs["inputs"]["n"] + 1 if "inputs" in whole.inputs else True
assert [child.name for child in whole.child_runs] == ["adder"], whole.child_runs
assert [project.name for project in client.list_projects(reference_dataset_id=dataset.id)] == [results.experiment_name]

client.create_run("by hand", inputs={"a": 1}, run_type="chain", project_name="by hand", id=wrong.id)
client.update_run(wrong.id, outputs={"b": 2})
client.flush()
assert client.read_run(wrong.id).outputs == {"b": 2}
client.create_feedback(wrong.id, key="human", score=0.5)
client.flush()
assert [one.score for one in client.list_feedback(run_ids=[wrong.id])] == [0.5]
client.delete_example(examples[0].id)
assert len(list(client.list_examples(dataset_id=dataset.id))) == 3
client.delete_dataset(dataset_id=dataset.id)
print("done")
