"""Shows by LLaMA-Factory's own converter and the real tokenizer which tokens of each exported row are learned.

Every row must be there (the converter drops what it does not like with no more than a warning); in each, what is learned
starts right after the header of the assistant's turn, is the reply to its last character, and holds the end of the turn.
Also counted: rows whose prompt is, token by token, what the base's chat template makes of the same messages, which is
what a server will send.

    check_mask.py RUN_FOLDER
"""

import json
import logging
import os
import sys
import tempfile

import yaml
from llamafactory.data import get_dataset, get_template_and_fix_tokenizer
from llamafactory.hparams import get_train_args
from llamafactory.model import load_tokenizer

IGNORED = -100


def spans(labels):
    """Runs of learned tokens: [start, end)."""
    found, start = [], None
    for at, label in enumerate([*labels, IGNORED]):
        if label != IGNORED and start is None:
            start = at
        elif label == IGNORED and start is not None:
            found.append((start, at))
            start = None
    return found


def wrong_with(ids, labels, learned, tokenizer, header, end):
    runs = spans(labels)
    if not runs:
        return "nothing is learned"
    if len(runs) != len(learned):
        return f"{len(runs)} turns are learned, not {len(learned)}"
    for (start, stop), reply in zip(runs, learned):
        if ids[start - len(header) : start] != header:
            return "what is learned does not start after the header of the assistant's turn"
        if end not in labels[start:stop]:
            return "the end of the turn is not learned"
        closed = labels[start:stop].index(end)
        if tokenizer.decode(labels[start : start + closed]) != reply:
            return "what is learned is not the reply"
        if labels[start:stop] != ids[start:stop]:
            return "labels and tokens differ"
    return None


def check(split, rows, dataset, tokenizer, header, end, last_only):
    if dataset is None or len(dataset) != len(rows):
        return {"rows": len(rows), "wrong": [f"{split}: of {len(rows)} rows the trainer has {0 if dataset is None else len(dataset)}"]}
    wrong, tokens, learned_tokens, as_served = [], 0, 0, 0
    for number, (row, example) in enumerate(zip(rows, dataset), 1):
        ids, labels = list(example["input_ids"]), list(example["labels"])
        replies = [message["content"] for message in row["messages"] if message["role"] == "assistant"]
        fault = wrong_with(ids, labels, replies[-1:] if last_only else replies, tokenizer, header, end)
        if fault:
            wrong.append(f"{split}, row {number}: {fault}")
        prompt = tokenizer.apply_chat_template(row["messages"][:-1], add_generation_prompt=True, return_dict=False)
        as_served += ids[: len(prompt)] == list(prompt)
        tokens += len(ids)
        learned_tokens += sum(label != IGNORED for label in labels)
    return {"rows": len(rows), "tokens": tokens, "learned": learned_tokens, "as_served": as_served, "wrong": wrong}


def main(folder):
    logging.disable(logging.WARNING)
    os.chdir(folder)  # the paths in train.yaml start there
    with open("train.yaml") as file:
        given = yaml.safe_load(file)
    with tempfile.TemporaryDirectory() as nowhere:
        given |= {"output_dir": nowhere, "overwrite_cache": True, "preprocessing_num_workers": None, "deepspeed": None}
        model_args, data_args, training_args, _, _ = get_train_args(given)
        tokenizer = load_tokenizer(model_args)
        served = load_tokenizer(model_args)["tokenizer"]  # untouched by the trainer's template
        template = get_template_and_fix_tokenizer(tokenizer["tokenizer"], data_args)
        data = get_dataset(template, model_args, data_args, training_args, stage="sft", **tokenizer)
    end = served.eos_token_id
    header = served.encode("<|im_start|>assistant\n", add_special_tokens=False)
    result = {}
    for split, key in (("train", "train_dataset"), ("validation", "eval_dataset")):
        name = given.get("dataset" if split == "train" else "eval_dataset")
        if not name:
            continue
        with open(f"{given['dataset_dir']}/{split}.jsonl") as file:
            rows = [json.loads(line) for line in file]
        dataset = data.get(key)
        if isinstance(dataset, dict):
            dataset = next(iter(dataset.values()))
        result[split] = check(split, rows, dataset, served, header, end, bool(given.get("mask_history")))
    print(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
