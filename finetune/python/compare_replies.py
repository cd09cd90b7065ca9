"""Compares greedy replies of llama.cpp with those of transformers on the same model, prompt by prompt.

Reads JSON Lines with {"messages": [...], "reply": "...", "prompt_tokens": n, "finish": "stop" | "length"} as llama.cpp
gave them, and prints how many prompts have as many tokens here as there, how many replies are the same, and which share
of tokens agrees before the first difference. llama.cpp rounds activations to 8 bits where the weights are Q8_0, so that a
near tie may fall the other way; after that the texts go apart for good.

    compare_replies.py HF_FOLDER REPLIES.jsonl
"""

import json
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


def common(a, b):
    length = 0
    for left, right in zip(a, b):
        if left != right:
            break
        length += 1
    return length


def main(folder, replies):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype="float32").eval()
    with open(replies) as file:
        rows = [json.loads(line) for line in file]
    same, shares, prompts, differences = 0, [], 0, []
    for row in rows:
        prompt = tokenizer.apply_chat_template(
            row["messages"], add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        length = prompt["input_ids"].shape[1]
        prompts += length == row["prompt_tokens"]
        theirs = tokenizer.encode(row["reply"], add_special_tokens=False)
        if row["finish"] == "stop":
            theirs.append(tokenizer.eos_token_id)
        with torch.no_grad():
            out = model.generate(**prompt, max_new_tokens=max(1, len(theirs)), do_sample=False)
        ours = out[0][length:].tolist()
        agreed = common(ours, theirs)
        same += ours == theirs
        shares.append(agreed / max(1, len(theirs)))
        if ours != theirs:
            differences.append({"transformers": tokenizer.decode(ours), "llama.cpp": row["reply"], "agreed": agreed})
    print(
        json.dumps(
            {
                "prompts": len(rows),
                "same_prompt_tokens": prompts,
                "same_replies": same,
                "agreed": sum(shares) / max(1, len(shares)),
                "differences": differences,
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
