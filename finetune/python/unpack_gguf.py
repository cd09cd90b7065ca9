"""Turns the GGUF file of a small Llama model into a folder that Hugging Face tools read: weights, tokenizer, template.

The quantised tensors are dequantised to float32 (transformers does that, and undoes the row order that llama.cpp wants
in the query and key projections). The tokenizer is not left to transformers: for the architecture `llama` it assumes
SentencePiece or a plain GPT-2 split, while SmolLM splits digits one by one, so the same text would become other tokens
in training than in llama.cpp. Here the splitting is written down by the name that the file itself states.

    unpack_gguf.py MODEL.gguf FOLDER
"""

import json
import sys
from pathlib import Path

from gguf import GGUFReader, TokenType
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import AutoModelForCausalLM, GenerationConfig, PreTrainedTokenizerFast

# What llama.cpp does before it merges, by `tokenizer.ggml.pre`.
SPLITS = {
    "smollm": lambda: pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    ),
}


def field(reader, name, default=None):
    found = reader.get_field(name)
    return default if found is None else found.contents()


def tokenizer_of(reader):
    kind, split = field(reader, "tokenizer.ggml.model"), field(reader, "tokenizer.ggml.pre")
    if kind != "gpt2" or split not in SPLITS:
        raise SystemExit(f"unpack_gguf: a tokenizer of kind {kind}/{split} is not known; known: gpt2/{', gpt2/'.join(SPLITS)}")
    tokens = field(reader, "tokenizer.ggml.tokens")
    types = field(reader, "tokenizer.ggml.token_type")
    merges = [tuple(merge.split(" ")) for merge in field(reader, "tokenizer.ggml.merges")]
    made = Tokenizer(models.BPE(vocab={token: id for id, token in enumerate(tokens)}, merges=merges))
    made.pre_tokenizer = SPLITS[split]()
    made.decoder = decoders.ByteLevel()
    control = [token for token, kind in zip(tokens, types) if kind == TokenType.CONTROL]
    made.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in control])

    def named(name):
        id = field(reader, f"tokenizer.ggml.{name}_token_id")
        return None if id is None else tokens[id]

    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=made,
        bos_token=named("bos"),
        eos_token=named("eos"),
        unk_token=named("unknown"),
        pad_token=named("padding"),
        model_max_length=field(reader, "llama.context_length"),
        clean_up_tokenization_spaces=False,
    )
    wrapped.chat_template = field(reader, "tokenizer.chat_template")
    return wrapped


def main(source, target):
    source, target = Path(source), Path(target)
    reader = GGUFReader(source)
    tokenizer = tokenizer_of(reader)
    model = AutoModelForCausalLM.from_pretrained(source.parent, gguf_file=source.name, dtype="float32")
    model.generation_config = GenerationConfig(
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    target.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(target)
    tokenizer.save_pretrained(target)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    print(json.dumps({"folder": str(target), "parameters": parameters, "vocabulary": len(tokenizer)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
