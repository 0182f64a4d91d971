"""TRL's side of bench/training/trl.sh: the same model, rows, batch, optimizer and precision with SFTTrainer, over Gloo.

usage: torchrun --nproc-per-node N train_trl.py FOLDER BATCH ROWS_A_PASS STEPS LEARNING_RATE THREADS fp32|bf16
Prints one JSON object: tokensPerSecond over all steps (padding not counted), the first included, lossFirst, lossLast, and the
most memory of a process.
"""

import json
import os
import resource
import sys
import time

import torch
from datasets import load_dataset
from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
from trl import SFTConfig, SFTTrainer

folder = sys.argv[1]
batch, rows_a_pass, steps = map(int, sys.argv[2:5])
rate, threads, precision = float(sys.argv[5]), int(sys.argv[6]), sys.argv[7]
torch.set_num_threads(threads)
size = int(os.environ.get("WORLD_SIZE", "1"))


class Clock(TrainerCallback):
    def on_train_begin(self, args, state, control, **kwargs):
        self.start = time.monotonic()

    def on_train_end(self, args, state, control, **kwargs):
        self.seconds = time.monotonic() - self.start


clock = Clock()
trainer = SFTTrainer(
    model=AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32),
    processing_class=AutoTokenizer.from_pretrained(folder),
    train_dataset=load_dataset("json", data_files=folder + "/rows.jsonl", split="train"),
    callbacks=[clock],
    args=SFTConfig(
        output_dir=folder + "/trl", max_steps=steps, per_device_train_batch_size=rows_a_pass,
        gradient_accumulation_steps=batch // size // rows_a_pass, learning_rate=rate, lr_scheduler_type="constant",
        optim="adamw_torch_fused", adam_beta2=0.95, max_grad_norm=1.0, bf16=precision == "bf16", max_length=None,
        gradient_checkpointing=False, use_cpu=True, ddp_backend="gloo", logging_steps=1, save_strategy="no", report_to="none",
        disable_tqdm=True, dataloader_num_workers=0, seed=1))
trainer.train()
if trainer.args.process_index == 0:
    logs = [log for log in trainer.state.log_history if "loss" in log]
    print(json.dumps({
        "tokensPerSecond": logs[-1]["num_tokens"] / clock.seconds,
        "lossFirst": logs[0]["loss"], "lossLast": logs[-1]["loss"],
        "peakMemoryBytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))
