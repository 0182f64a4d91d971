"""Makes the golden files of the lm module's tests: tiny random models by transformers, with their logits, loss, gradients
and greedy answers; shards in half precision; probabilities of sampling; and some steps of torch's AdamW for the tensor
module. Run with a Python that has torch and transformers.

usage: golden.py lm/src/test/resources/golden tensor/src/test/resources/golden
"""

import json
import pathlib
import sys

import torch
from safetensors.torch import save_file
from transformers import (AutoModelForCausalLM, GPT2Config, LlamaConfig, MistralConfig, Qwen2Config,
                          TemperatureLogitsWarper, TopPLogitsWarper)
from transformers.pytorch_utils import Conv1D

COMMON = dict(vocab_size=37, intermediate_size=29, num_hidden_layers=2, max_position_embeddings=48)
GPT2 = dict(vocab_size=37, n_layer=2, n_positions=48, resid_pdrop=0, embd_pdrop=0, attn_pdrop=0, bos_token_id=0, eos_token_id=0)

MODELS = {
    # odd on purpose: grouped heads, heads wider than dim / heads, tied and untied, scaled rotary positions
    "grouped": LlamaConfig(**COMMON, hidden_size=24, num_attention_heads=4, num_key_value_heads=2, tie_word_embeddings=True),
    "untied": LlamaConfig(**COMMON, hidden_size=20, num_attention_heads=5, num_key_value_heads=5, tie_word_embeddings=False),
    "wide-heads": LlamaConfig(**COMMON, hidden_size=12, num_attention_heads=3, num_key_value_heads=1, head_dim=10,
                              tie_word_embeddings=False, rope_theta=500000.0, rms_norm_eps=1e-6),
    "llama3-rope": LlamaConfig(**COMMON, hidden_size=16, num_attention_heads=2, num_key_value_heads=1, tie_word_embeddings=True,
                               rope_scaling=dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                                                 original_max_position_embeddings=16)),
    "llama-biases": LlamaConfig(**COMMON, hidden_size=16, num_attention_heads=4, num_key_value_heads=2, attention_bias=True,
                                mlp_bias=True, hidden_act="gelu", tie_word_embeddings=False),
    "mistral": MistralConfig(**COMMON, hidden_size=16, num_attention_heads=4, num_key_value_heads=2, sliding_window=None,
                             tie_word_embeddings=True),
    "mistral-window": MistralConfig(**COMMON, hidden_size=18, num_attention_heads=3, num_key_value_heads=1, head_dim=8,
                                    sliding_window=5),
    "qwen2": Qwen2Config(**COMMON, hidden_size=24, num_attention_heads=6, num_key_value_heads=2, tie_word_embeddings=True,
                         rope_theta=1000000.0),
    "qwen2-untied": Qwen2Config(**COMMON, hidden_size=20, num_attention_heads=5, num_key_value_heads=1, tie_word_embeddings=False),
    "gpt2": GPT2Config(**GPT2, n_embd=20, n_head=5, n_inner=29),
    "gpt2-untied": GPT2Config(**GPT2, n_embd=12, n_head=4, tie_word_embeddings=False),  # heads of odd width
}


def random_model(name, config):
    torch.manual_seed(len(name))
    model = AutoModelForCausalLM.from_config(config).float().eval()
    with torch.no_grad():
        for parameter in model.parameters():  # far from the usual small start, so that errors show
            parameter.copy_(torch.randn_like(parameter) * 0.3 + (1 if parameter.dim() == 1 else 0))
    return model


def gradients(model):
    """By name; those of GPT-2's Conv1D [inputs, outputs] transposed, as the lm module lays out all matrices."""
    turned = {name + ".weight" for name, module in model.named_modules() if isinstance(module, Conv1D)}
    return {"grad." + name: (p.grad.t() if name in turned else p.grad).contiguous() for name, p in model.named_parameters()}


def make(name, config, folder):
    model = random_model(name, config)
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
    tensors |= gradients(model)
    save_file(tensors, folder / name / "expected.safetensors")
    answers = [model.generate(ids[row:row + 1, :length], attention_mask=mask[row:row + 1, :length], max_new_tokens=6,
                              do_sample=False, eos_token_id=None, pad_token_id=0)[0, length:].tolist()
               for row, length in enumerate(lengths)]
    rows = [dict(tokens=ids[row, :length].tolist(), counted=counted[row, :length].tolist())
            for row, length in enumerate(lengths)]
    (folder / name / "expected.json").write_text(
        json.dumps(dict(rows=rows, divisor=40, loss=loss.item(), answers=answers), indent=1))


def shards(folder):
    """The model "grouped" in half precision, over several files."""
    for name, dtype in ("bf16", torch.bfloat16), ("fp16", torch.float16):
        model = AutoModelForCausalLM.from_pretrained(folder / "grouped").to(dtype)
        model.save_pretrained(folder / ("shards-" + name), max_shard_size="5KB")
        (folder / ("shards-" + name) / "generation_config.json").unlink(missing_ok=True)


def sampling(folder):
    """Probabilities of the next token under temperatures and nuclei."""
    torch.manual_seed(2)
    cases = []
    for temperature, top_p in (1.0, 1.0), (0.7, 0.9), (1.5, 0.5), (0.3, 0.99), (2.0, 0.05):
        scores = torch.randn(1, 30) * 3
        warped = TopPLogitsWarper(top_p)(None, TemperatureLogitsWarper(temperature)(None, scores))
        cases.append(dict(temperature=temperature, topP=top_p, scores=scores[0].tolist(),
                          probabilities=torch.softmax(warped.double(), -1)[0].tolist()))
    (folder / "sampling.json").write_text(json.dumps(cases, indent=1))


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
for model_name, model_config in MODELS.items():
    make(model_name, model_config, out)
shards(out)
sampling(out)
adamw(pathlib.Path(sys.argv[2]))
