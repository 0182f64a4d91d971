"""How far bf16 takes torch's own autocast from fp32, for the models that golden.py made: the loss, and the distance of all
gradients from those in fp32 relative to their norm.

usage: bf16.py lm/src/test/resources/golden
"""

import json
import pathlib
import sys

import torch
from transformers import AutoModelForCausalLM

folder = pathlib.Path(sys.argv[1])


def gradients(model, rows, divisor, autocast):
    model.zero_grad()
    loss = 0
    for row in rows:
        ids = torch.tensor([row["tokens"]])
        labels = torch.where(torch.tensor([row["counted"]]), ids, -100)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=autocast):
            logits = model(ids).logits.float()
        loss += torch.nn.functional.cross_entropy(logits[0, :-1], labels[0, 1:], reduction="sum")
    (loss / divisor).backward()
    return loss.item(), torch.cat([p.grad.flatten() for p in model.parameters()])


result = {}
for path in sorted(folder.glob("*/expected.json")):
    expected = json.loads(path.read_text())
    model = AutoModelForCausalLM.from_pretrained(path.parent).float().eval()
    _, exact = gradients(model, expected["rows"], expected["divisor"], False)
    loss, rounded = gradients(model, expected["rows"], expected["divisor"], True)
    result[path.parent.name] = dict(loss=loss, gradientError=((rounded - exact).norm() / exact.norm()).item())
(folder / "bf16.json").write_text(json.dumps(result, indent=1) + "\n")
