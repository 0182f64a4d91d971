"""Makes the golden file of the adapters' test: peft's gradients for given adapters of a model that golden.py made, and the
merged weights.

usage: lora.py lm/src/test/resources/golden
"""

import json
import pathlib
import sys

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM

folder = pathlib.Path(sys.argv[1])
expected = json.loads((folder / "grouped" / "expected.json").read_text())
base = AutoModelForCausalLM.from_pretrained(folder / "grouped").float()
model = get_peft_model(base, LoraConfig(r=3, lora_alpha=7, lora_dropout=0, target_modules=["q_proj", "down_proj"]))
torch.manual_seed(3)
for name, parameter in model.named_parameters():
    if "lora_" in name:
        parameter.data.copy_(torch.randn_like(parameter) * 0.2)
loss = 0
for row in expected["rows"]:
    ids = torch.tensor([row["tokens"]])
    labels = torch.where(torch.tensor([row["counted"]]), ids, -100)
    loss += torch.nn.functional.cross_entropy(model(ids).logits[0, :-1], labels[0, 1:], reduction="sum")
(loss / expected["divisor"]).backward()

tensors = {"loss": loss.detach().reshape(1)}
for name, parameter in model.named_parameters():
    if "lora_" in name:
        short = name.removeprefix("base_model.model.").replace(".default", "")
        tensors["value." + short] = parameter.detach().clone()
        tensors["grad." + short] = parameter.grad.clone()
merged = model.merge_and_unload()
for name, parameter in merged.named_parameters():
    if "q_proj" in name or "down_proj" in name:
        tensors["merged." + name] = parameter.detach().clone()
save_file(tensors, folder / "lora.safetensors")
