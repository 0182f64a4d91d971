"""Writes transformers' logits for some token ids, and, if the model has a tokenizer, what it makes of a text, for
SavedModelTest.

usage: logits.py MODEL_FOLDER IDS_COMMA_SEPARATED OUT.safetensors
"""

import pathlib
import sys

import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

TEXT = "user\nwhat is 3+4"

folder, ids, out = sys.argv[1:]
model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
with torch.no_grad():
    logits = model(torch.tensor([[int(i) for i in ids.split(",")]])).logits[0]
out_tensors = dict(logits=logits.contiguous())
if (pathlib.Path(folder) / "tokenizer.json").exists():
    tokenizer = AutoTokenizer.from_pretrained(folder)
    encoded = tokenizer.encode(TEXT, add_special_tokens=False)
    question = [dict(role="user", content="what is 3+4")]
    rendered = tokenizer.apply_chat_template(question, tokenize=False, add_generation_prompt=True)
    prompt = tokenizer.encode(rendered, add_special_tokens=False)
    out_tensors |= dict(encoded=torch.tensor(encoded).float(), prompt=torch.tensor(prompt).float())
save_file(out_tensors, out)
