"""PyTorch's side of bench/training: the same model, rows, batch and optimizer with DistributedDataParallel over Gloo.

usage: torchrun --nproc-per-node N train_ddp.py FOLDER BATCH STEPS LEARNING_RATE THREADS
Prints one JSON object: tokensPerSecond over all steps, the first included, and lossFirst, lossLast.
"""

import json
import sys
import time
from pathlib import Path

import torch
import torch.distributed as dist
from tokenizers import Tokenizer
from torch.nn.parallel import DistributedDataParallel
from transformers import LlamaForCausalLM

folder = Path(sys.argv[1])
batch, steps = int(sys.argv[2]), int(sys.argv[3])
rate, threads = float(sys.argv[4]), int(sys.argv[5])
torch.set_num_threads(threads)
dist.init_process_group("gloo")
rank, size = dist.get_rank(), dist.get_world_size()

tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
eos = tokenizer.token_to_id("<eos>")
rows = []
for line in (folder / "rows.jsonl").read_text().split("\n"):
    if line:
        row = json.loads(line)
        prompt, completion = (tokenizer.encode(row[k], add_special_tokens=False).ids for k in ("prompt", "completion"))
        rows.append((prompt + completion + [eos], len(prompt)))

model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32)
ddp = DistributedDataParallel(model, gradient_as_bucket_view=True)
optimizer = torch.optim.AdamW(model.parameters(), lr=rate, betas=(0.9, 0.95), weight_decay=0, fused=True)


def load(step):
    chosen = [rows[(step * batch + i) % len(rows)] for i in range(rank, batch, size)]
    ids = torch.tensor([ids for ids, _ in chosen])
    targets = ids.clone()
    for i, (_, prompt) in enumerate(chosen):
        targets[i, :prompt] = -100
    return ids, targets


losses, tokens = [], 0
dist.barrier()
start = time.monotonic()
for step in range(steps):
    ids, targets = load(step)
    logits = ddp(ids).logits
    loss = torch.nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), targets[:, 1:].flatten())
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    losses.append(loss.item())
    tokens += ids.numel() * size
dist.barrier()
seconds = time.monotonic() - start
if rank == 0:
    print(json.dumps({"tokensPerSecond": tokens / seconds, "lossFirst": losses[0], "lossLast": losses[-1]}))
dist.destroy_process_group()
