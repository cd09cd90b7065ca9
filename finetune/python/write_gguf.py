"""Writes a fine-tuned model's tensors into the container of the GGUF file that its base came from.

Metadata (tokenizer, chat template, context length) are the base's, so that llama.cpp treats both files alike; matrices
become Q8_0, norms stay F32. To compare the two fairly, write the base's own Hugging Face folder back the same way.

    write_gguf.py BASE.gguf HF_FOLDER TARGET.gguf
"""

import json
import os
import sys
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType, GGUFReader, GGUFValueType, GGUFWriter, LlamaFileType, quants
from safetensors import safe_open

# A Llama model's layer, by llama.cpp's name and by Hugging Face's.
LAYER = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
OUTER = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}
# Set by the writer, or changed by the new form of the tensors.
OWN = {"general.architecture", "general.file_type", "general.quantization_version"}


def hf_name(name):
    stem = name.removesuffix(".weight")
    if stem in OUTER:
        return f"{OUTER[stem]}.weight"
    block, layer, part = stem.split(".")
    assert block == "blk", name
    return f"model.layers.{layer}.{LAYER[part]}.weight"


def paired_rows(weights, heads):
    """The row order of llama.cpp's rotary embedding, whose pairs are neighbours; Hugging Face's are half a head apart.

    As `permute` of llama.cpp's convert_hf_to_gguf.py does it.
    """
    return weights.reshape(heads, 2, weights.shape[0] // heads // 2, *weights.shape[1:]).swapaxes(1, 2).reshape(weights.shape)


class Weights:
    """All tensors of a folder, whatever files they are spread over, as float32."""

    def __init__(self, folder):
        self.files = {}
        for path in sorted(Path(folder).glob("*.safetensors")):
            opened = safe_open(path, framework="pt")
            self.files.update(dict.fromkeys(opened.keys(), opened))
        if not self.files:
            raise SystemExit(f"write_gguf: {folder} holds no .safetensors")

    def __getitem__(self, name):
        if name not in self.files:
            raise SystemExit(f"write_gguf: the tuned model has no tensor {name}")
        return self.files[name].get_tensor(name).float().numpy()


def copy_metadata(reader, writer):
    for field in reader.fields.values():
        if field.name in OWN or field.name.startswith("GGUF."):
            continue
        kind = field.types[0]
        of = field.types[-1] if kind == GGUFValueType.ARRAY else None
        writer.add_key_value(field.name, field.contents(), kind, of)


def main(base, folder, target):
    reader = GGUFReader(base)
    architecture = reader.get_field("general.architecture").contents()
    if architecture != "llama":
        raise SystemExit(f"write_gguf: the order of rows is known for the architecture llama only, not {architecture}")
    heads = reader.get_field("llama.attention.head_count").contents()
    kv_heads = reader.get_field("llama.attention.head_count_kv").contents()
    weights = Weights(folder)
    part = f"{target}.part"
    writer = GGUFWriter(part, architecture)
    copy_metadata(reader, writer)
    writer.add_file_type(LlamaFileType.MOSTLY_Q8_0)
    writer.add_quantization_version(2)
    for tensor in reader.tensors:
        data = weights[hf_name(tensor.name)]
        expected = tuple(int(n) for n in reversed(tensor.shape))
        if data.shape != expected:
            raise SystemExit(f"write_gguf: {tensor.name} is {data.shape} in the tuned model, {expected} in the base")
        if tensor.name.endswith("attn_q.weight"):
            data = paired_rows(data, heads)
        if tensor.name.endswith("attn_k.weight"):
            data = paired_rows(data, kv_heads)
        if data.ndim == 1:
            writer.add_tensor(tensor.name, np.ascontiguousarray(data, dtype=np.float32))
            continue
        packed = quants.quantize(np.ascontiguousarray(data), GGMLQuantizationType.Q8_0)
        writer.add_tensor(tensor.name, packed, raw_dtype=GGMLQuantizationType.Q8_0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    os.replace(part, target)
    print(json.dumps({"file": str(target), "bytes": os.path.getsize(target), "tensors": len(reader.tensors)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
