"""Makes what the study trains on: short rows of GSM8K and T0 with held-out rows of each, other rows of T0 as text, and a model:
the folder of stories260K with a tokenizer.json, for which no package is needed, or a random Llama of 7.5M parameters with a
tokenizer learned from the text, for which torch, transformers and tokenizers are.

usage: prepare.py DATA OUT stories|random     DATA: the folder with stories260K, gsm8k and t0-train-50k
"""

import gzip
import json
import random
import shutil
import struct
import sys
from pathlib import Path

HELD_OUT = 64
ROWS = 1024
MOST_CHARACTERS = 320  # a row takes about half as many tokens; the model's context has 512


def tokenizer(binary, folder):
    """llama2.c's pieces of a SentencePiece BPE, in the order of their merges, as a tokenizer.json."""
    raw, at, pieces = binary.read_bytes(), 4, []
    while at < len(raw):
        _, length = struct.unpack_from("<fi", raw, at)
        pieces.append(raw[at + 8:at + 8 + length].decode().replace(" ", "\u2581"))
        at += 8 + length
    special = ["<unk>", "<s>", "</s>"]
    ids = {piece: i for i, piece in enumerate(special + pieces[len(special):])}
    merges = [[p[:cut], p[cut:]] for p in ids for cut in range(1, len(p)) if p[:cut] in ids and p[cut:] in ids]
    both = [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}]
    (folder / "tokenizer.json").write_text(json.dumps({
        "version": "1.0",
        "added_tokens": [{"id": i, "content": token, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
                          "special": True} for i, token in enumerate(special)],
        "normalizer": {"type": "Sequence", "normalizers": [
            {"type": "Prepend", "prepend": "\u2581"}, {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}]},
        "post_processor": {"type": "TemplateProcessing", "single": both, "pair": both,
                           "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}}},
        "decoder": {"type": "Sequence", "decoders": [
            {"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"},
            {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
        "model": {"type": "BPE", "unk_token": "<unk>", "byte_fallback": True, "vocab": ids, "merges": merges}}))
    (folder / "tokenizer_config.json").write_text(json.dumps({"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}))


def lines(path):
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
        return [json.loads(line) for line in file.read().split("\n") if line]


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def stories(folder):
    for name in "config.json", "model.safetensors":
        shutil.copyfile(data / "stories260K" / name, folder / name)
    tokenizer(data / "stories260K/tok512.bin", folder)


def random_llama(folder, texts):
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM

    pieces = Tokenizer(models.BPE())
    pieces.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    pieces.decoder = decoders.ByteLevel()
    pieces.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=4096, special_tokens=["<pad>", "<s>", "</s>"], show_progress=False))
    pieces.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps(
        {"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "<pad>", "eos_token": "</s>"}))
    torch.manual_seed(0)
    LlamaForCausalLM(LlamaConfig(
        vocab_size=4096, hidden_size=256, intermediate_size=704, num_hidden_layers=8, num_attention_heads=8, num_key_value_heads=8,
        max_position_embeddings=512, tie_word_embeddings=True, pad_token_id=0, bos_token_id=1, eos_token_id=2)).save_pretrained(folder)


data, out, kind = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
out.mkdir(parents=True, exist_ok=True)
sets = {
    "gsm8k": [{"prompt": f"Question: {r['question']}\nAnswer:", "completion": " " + r["answer"]}
              for r in lines(data / "gsm8k/train.jsonl.gz")],
    "t0": [{"prompt": r["prompt"], "completion": r["completion"]}
           for r in lines(data / "t0-train-50k/t0_train_50k_per_template.jsonl.gz") if r["completion"].strip()],
}
held_out, rest = [], {}
for name, rows in sets.items():
    short = [r for r in rows if len(r["prompt"]) + len(r["completion"]) <= MOST_CHARACTERS and r["prompt"].isascii() and r["completion"].isascii()]
    random.Random(1).shuffle(short)
    taken = short[HELD_OUT:HELD_OUT + ROWS]
    write(out / f"{name}.jsonl", taken)
    write(out / f"{name}-held-out.jsonl", short[:HELD_OUT])
    rest[name] = short[HELD_OUT + ROWS:]
    held_out += short[:HELD_OUT]
    print(f"{name}: {len(short)} short rows, {len(taken)} taken, {HELD_OUT} held out")
write(out / "held-out.jsonl", held_out)
texts = [f"{r['prompt']} {r['completion']}".replace("<|endoftext|>", "") for r in rest["t0"]]
write(out / "text.jsonl", [{"text": text} for text in texts])
print(f"t0: {len(texts)} short rows more, as text")
model = out / ("model" if kind == "stories" else "random")
model.mkdir(exist_ok=True)
if kind == "stories":
    stories(model)
else:
    random_llama(model, texts)
