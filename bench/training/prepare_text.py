"""Makes what both sides train on from rows of question and answer: a byte-pair tokenizer learned from them, a random Llama,
and the rows as prompt and completion, those longer than MOST tokens left out.

usage: prepare_text.py FOLDER ROWS.jsonl[.gz] DIM LAYERS HEADS HIDDEN VOCAB MOST
"""

import gzip
import json
import sys
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM

folder, source = Path(sys.argv[1]), sys.argv[2]
dim, layers, heads, hidden, vocab, most = map(int, sys.argv[3:9])
folder.mkdir(parents=True, exist_ok=True)
with (gzip.open if source.endswith(".gz") else open)(source, "rt") as lines:
    rows = [json.loads(line) for line in lines]

tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer.decoder = decoders.ByteLevel()
tokenizer.train_from_iterator(
    (row[key] for row in rows for key in ("question", "answer")),
    trainers.BpeTrainer(vocab_size=vocab, special_tokens=["<pad>", "<bos>", "<eos>"], show_progress=False))
tokenizer.save(str(folder / "tokenizer.json"))
(folder / "tokenizer_config.json").write_text(json.dumps(
    {"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "<pad>", "eos_token": "<eos>"}))

torch.manual_seed(0)
LlamaForCausalLM(LlamaConfig(
    vocab_size=tokenizer.get_vocab_size(), hidden_size=dim, intermediate_size=hidden, num_hidden_layers=layers,
    num_attention_heads=heads, num_key_value_heads=heads, max_position_embeddings=most, tie_word_embeddings=True,
    pad_token_id=0, bos_token_id=1, eos_token_id=2)).save_pretrained(folder)

lengths = []
with open(folder / "rows.jsonl", "w") as out:
    for row in rows:
        prompt, completion = row["question"] + "\n", row["answer"]
        length = sum(len(tokenizer.encode(text).ids) for text in (prompt, completion)) + 1
        if length <= most:
            lengths.append(length)
            out.write(json.dumps({"prompt": prompt, "completion": completion}) + "\n")
lengths.sort()
print(f"{len(lengths)} of {len(rows)} rows; tokens: median {lengths[len(lengths) // 2]}, 90 % {lengths[len(lengths) * 9 // 10]}, "
      f"most {lengths[-1]}", file=sys.stderr)
