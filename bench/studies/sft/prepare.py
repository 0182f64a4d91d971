"""Makes what the study trains on: the folder of stories260K with a tokenizer.json, and short rows of GSM8K and T0 with
held-out rows of each. Needs no packages.

usage: prepare.py DATA OUT     DATA: the folder with stories260K, gsm8k and t0-train-50k
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


data, out = Path(sys.argv[1]), Path(sys.argv[2])
model = out / "model"
model.mkdir(parents=True, exist_ok=True)
for name in "config.json", "model.safetensors":
    shutil.copyfile(data / "stories260K" / name, model / name)
tokenizer(data / "stories260K/tok512.bin", model)
sets = {
    "gsm8k": [{"prompt": f"Question: {r['question']}\nAnswer:", "completion": " " + r["answer"]}
              for r in lines(data / "gsm8k/train.jsonl.gz")],
    "t0": [{"prompt": r["prompt"], "completion": r["completion"]}
           for r in lines(data / "t0-train-50k/t0_train_50k_per_template.jsonl.gz") if r["completion"].strip()],
}
held_out = []
for name, rows in sets.items():
    short = [r for r in rows if len(r["prompt"]) + len(r["completion"]) <= MOST_CHARACTERS and r["prompt"].isascii() and r["completion"].isascii()]
    random.Random(1).shuffle(short)
    taken = short[HELD_OUT:HELD_OUT + ROWS]
    write(out / f"{name}.jsonl", taken)
    write(out / f"{name}-held-out.jsonl", short[:HELD_OUT])
    held_out += short[:HELD_OUT]
    print(f"{name}: {len(short)} short rows, {len(taken)} taken, {HELD_OUT} held out")
write(out / "held-out.jsonl", held_out)
