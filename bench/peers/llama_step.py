"""PyTorch eager's side of lm's TrainingSpeed: CPU milliseconds of one forward and backward pass of the same Llama shape.

usage: llama_step.py DIM LAYERS ROWS TIME THREADS
"""

import sys
import time

import torch
from transformers import LlamaConfig, LlamaForCausalLM

dim, layers, rows, length, threads = map(int, sys.argv[1:])
torch.set_num_threads(threads)
config = LlamaConfig(vocab_size=64, hidden_size=dim, intermediate_size=dim * 8 // 3 // 16 * 16, num_hidden_layers=layers,
                     num_attention_heads=4, num_key_value_heads=4, max_position_embeddings=256, tie_word_embeddings=True)
model = LlamaForCausalLM(config).float()
ids = torch.randint(0, 64, (rows, length))


def step():
    for parameter in model.parameters():
        parameter.grad = None
    logits = model(ids).logits
    torch.nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten()).backward()


best = float("inf")
for _ in range(8):
    start = time.process_time()
    for _ in range(10):
        step()
    best = min(best, (time.process_time() - start) * 100)
print(f"ms {best:.2f} tok/s {rows * length / best * 1e3:.0f}")
