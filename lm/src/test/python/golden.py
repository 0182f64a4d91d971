"""Makes the golden files of the lm module's tests: tiny random Llama models by transformers, with their logits, loss
and gradients; and some steps of torch's AdamW for the tensor module. Run with a Python that has torch and transformers.

usage: golden.py lm/src/test/resources/golden tensor/src/test/resources/golden
"""

import json
import pathlib
import sys

import torch
from safetensors.torch import save_file
from transformers import LlamaConfig, LlamaForCausalLM

SHAPES = {
    # name: fields that differ from a plain model; odd on purpose
    "grouped": dict(hidden_size=24, num_attention_heads=4, num_key_value_heads=2, tie_word_embeddings=True),
    "untied": dict(hidden_size=20, num_attention_heads=5, num_key_value_heads=5, tie_word_embeddings=False),
    "wide-heads": dict(hidden_size=12, num_attention_heads=3, num_key_value_heads=1, head_dim=10,
                       tie_word_embeddings=False, rope_theta=500000.0, rms_norm_eps=1e-6),
    "llama3-rope": dict(hidden_size=16, num_attention_heads=2, num_key_value_heads=1, tie_word_embeddings=True,
                        rope_scaling=dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                                          original_max_position_embeddings=16)),
}


def make(name, fields, folder):
    torch.manual_seed(len(name))
    config = LlamaConfig(vocab_size=37, intermediate_size=29, num_hidden_layers=2, max_position_embeddings=48, **fields)
    model = LlamaForCausalLM(config).float()
    with torch.no_grad():
        for parameter in model.parameters():  # far from the usual small start, so that errors show
            parameter.copy_(torch.randn_like(parameter) * 0.3 + (1 if parameter.dim() == 1 else 0))
    model.save_pretrained(folder / name)
    (folder / name / "generation_config.json").unlink(missing_ok=True)

    lengths = [11, 7, 9]
    ids = torch.zeros(len(lengths), max(lengths), dtype=torch.long)
    counted = torch.zeros_like(ids, dtype=torch.bool)
    for row, length in enumerate(lengths):
        ids[row, :length] = torch.randint(0, 37, (length,))
        counted[row, 2 + row:length] = True
    mask = torch.arange(max(lengths))[None, :] < torch.tensor(lengths)[:, None]
    labels = torch.where(counted, ids, -100)
    logits = model(ids, attention_mask=mask).logits
    loss = torch.nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten(), reduction="sum")
    (loss / 40).backward()

    tensors = {"logits": torch.where(mask[:, :, None], logits, 0).detach().contiguous()}
    tensors |= {"grad." + n: p.grad.contiguous() for n, p in model.named_parameters()}
    save_file(tensors, folder / name / "expected.safetensors")
    answers = [model.generate(ids[row:row + 1, :length], attention_mask=mask[row:row + 1, :length], max_new_tokens=6,
                              do_sample=False, eos_token_id=None, pad_token_id=0)[0, length:].tolist()
               for row, length in enumerate(lengths)]
    rows = [dict(tokens=ids[row, :length].tolist(), counted=counted[row, :length].tolist())
            for row, length in enumerate(lengths)]
    (folder / name / "expected.json").write_text(
        json.dumps(dict(rows=rows, divisor=40, loss=loss.item(), answers=answers), indent=1))


def adamw(folder):
    """Five steps of torch's AdamW over one tensor, with weight decay and a changing rate."""
    torch.manual_seed(1)
    p = torch.randn(100, requires_grad=True)
    start, gradients, rates = p.detach().clone(), [], [1e-3, 2e-3, 3e-3, 2e-3, 1e-3]
    optimizer = torch.optim.AdamW([p], betas=(0.9, 0.95), eps=1e-8, weight_decay=0.1)
    for rate in rates:
        gradients.append(torch.randn(100))
        p.grad = gradients[-1].clone()
        optimizer.param_groups[0]["lr"] = rate
        optimizer.step()
    save_file(dict(start=start, gradients=torch.stack(gradients), rates=torch.tensor(rates), end=p.detach()),
              folder / "adamw.safetensors")


out = pathlib.Path(sys.argv[1])
for shape, differing in SHAPES.items():
    make(shape, differing, out)
adamw(pathlib.Path(sys.argv[2]))
