"""Makes what both sides train on: a random Llama with a character tokenizer, and rows of one length.

usage: prepare.py FOLDER DIM LAYERS HEADS HIDDEN ROWS TOKENS
"""

import json
import random
import sys
from pathlib import Path

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM

folder = Path(sys.argv[1])
dim, layers, heads, hidden, rows, tokens = map(int, sys.argv[2:8])
folder.mkdir(parents=True, exist_ok=True)

letters = "abcdefghijklmnopqrstuvwxyz :"
vocabulary = {token: i for i, token in enumerate(["<pad>", "<bos>", "<eos>", "<unk>", *letters])}
tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
tokenizer.add_special_tokens(["<pad>", "<bos>", "<eos>", "<unk>"])
tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
tokenizer.decoder = decoders.Fuse()
tokenizer.save(str(folder / "tokenizer.json"))
(folder / "tokenizer_config.json").write_text(json.dumps(
    {"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "<pad>", "eos_token": "<eos>", "unk_token": "<unk>"}))

torch.manual_seed(0)
LlamaForCausalLM(LlamaConfig(
    vocab_size=len(vocabulary), hidden_size=dim, intermediate_size=hidden, num_hidden_layers=layers,
    num_attention_heads=heads, num_key_value_heads=heads, max_position_embeddings=2 * tokens,
    tie_word_embeddings=True, eos_token_id=2, bos_token_id=1)).save_pretrained(folder)

chance = random.Random(0)
with open(folder / "rows.jsonl", "w") as out:
    for _ in range(rows):  # half prompt, half completion and its end
        text = "".join(chance.choice(letters) for _ in range(tokens - 1))
        out.write(json.dumps({"prompt": text[: tokens // 2], "completion": text[tokens // 2 :]}) + "\n")
