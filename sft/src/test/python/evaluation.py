"""Makes the golden files of the evaluation's tests: a tiny random Llama with a tokenizer of its own, a few questions in the
schemas of ARC, OpenBookQA, MMLU and BoolQ, what lm-evaluation-harness (0.4.13) says of the model on them, and what it
extracts from and thinks of a list of answers to GSM8K. Run with a Python that has torch, transformers, datasets and lm_eval.

usage: evaluation.py sft/src/test/resources/evaluation
"""

import json
import pathlib
import random
import sys

import lm_eval
import torch
from lm_eval.api.metrics import exact_match_hf_evaluate
from lm_eval.api.task import ConfigurableTask
from lm_eval.filters.extraction import RegexFilter
from lm_eval.models.huggingface import HFLM
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import AutoModelForCausalLM, LlamaConfig, PreTrainedTokenizerFast

ARC = [
    ("Which of these is a liquid at room temperature?", ["iron", "water", "oxygen", "salt"], "ABCD", "B"),
    ("What does a plant need to make food?", ["sand and wind", "light, water and air", "darkness"], "123", "2"),
    ("Which animal lays eggs?", ["a hen", "a cow", "a dog and its puppies", "a mouse"], "ABCD", "A"),
    ("Why does the moon shine?", ["It burns.", "It reflects the light of the sun.", "It is hot."], "ABC", "B"),
    ("How many legs has a spider?", ["four", "six", "eight", "ten", "none at all"], "ABCDE", "C"),
    ("The seasons come from", ["the tilt of the earth", "the tides", "clouds", "the stars"], "ABCD", "A"),
]
MMLU = [
    ("What is 2 + 3?", ["4", "5", "6", "7"], 1, "elementary_mathematics"),
    (" Which is prime? ", ["4", "6", "7", "9"], 2, "elementary_mathematics"),
    ("Half of 18 is", ["8", "9", "10", "36"], 1, "elementary_mathematics"),
    ("What is 3 * 3?", ["9", "6", "33", "0"], 0, "elementary_mathematics"),
    ("The capital of France is", ["Rome", "Paris", "Bonn", "Oslo"], 1, "elementary_mathematics"),
]
MMLU_DEV = [
    ("What is 1 + 1?", ["2", "3", "4", "5"], 0, "elementary_mathematics"),
    ("What is 10 - 4?", ["5", "4", "14", "6"], 3, "elementary_mathematics"),
    ("What is 5 * 0?", ["5", "50", "0", "1"], 2, "elementary_mathematics"),
]
ARC_DEV = [(f"Which number comes after {n}?", [str(n - 1), str(n + 1), str(n + 2)], "ABC", "B") for n in range(30)]
BOOLQ = [
    ("Rain is water that falls from clouds.", "is rain made of water", True),
    ("A whale is a mammal and lives in the sea.", "is a whale a fish", False),
    ("Bread is baked of flour, water and salt.", "is bread made of stone", False),
]
SOLUTIONS = ["She has 3 + 4 = <<3+4=7>>7 apples.\n#### 7", "#### 1,250", "It is $12.50.\n#### 12.50", "#### -3", "Ten.\n#### 10"]
RESPONSES = [
    " She has 7 apples.\n#### 7", "#### 7.", "####7", "7", "The answer is 7.", "so 7 and then #### 8, or #### 7", "#### $1,250",
    "That is $1,250.00", "1250", "#### 1,250.", " 12.50", "#### 12.5", "It is -3", "#### -3\n\nmore text 5", "- 3", "no number here",
    "", "...", "#### ,", "ten, i.e. 10.", "10 apples\u2028and 10", "#### 10\r\n", "$", "1.2.3", "-$10", "\u0661\u0660", "#### \u0661", "#### 10#### 7",
]


def tokenizer(folder):
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    text = [q for q, *_ in ARC + MMLU] + [c for _, choices, *_ in ARC + MMLU for c in choices] + [p for p, *_ in BOOLQ]
    bpe.train_from_iterator(text * 3 + ["Question: Answer:"] * 20, trainers.BpeTrainer(
        vocab_size=400, special_tokens=["<s>", "</s>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    bpe.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    fast = PreTrainedTokenizerFast(tokenizer_object=bpe, bos_token="<s>", eos_token="</s>", pad_token="</s>")
    fast.save_pretrained(folder)
    return fast


def model(folder, vocabulary):
    torch.manual_seed(5)
    config = LlamaConfig(vocab_size=vocabulary, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4,
                         num_key_value_heads=2, max_position_embeddings=512, tie_word_embeddings=True, bos_token_id=0, eos_token_id=1)
    tiny = AutoModelForCausalLM.from_config(config).float().eval()
    with torch.no_grad():
        for parameter in tiny.parameters():
            parameter.copy_(torch.randn_like(parameter) * 0.3 + (1 if parameter.dim() == 1 else 0))
    tiny.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    return tiny


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def task(name, folder, config, shots=0, dev=None, split="dev"):
    """Examples come from the split dev, its first ones; or, drawn, from another split."""
    files = {"test": str(folder / (name + ".jsonl"))} | ({split: str(folder / (dev + ".jsonl"))} if dev else {})
    config = dict(task=name, dataset_path="json", dataset_kwargs=dict(data_files=files), test_split="test", output_type="multiple_choice",
                  num_fewshot=shots, metric_list=[dict(metric=m, aggregation="mean", higher_is_better=True) for m in ("acc", "acc_norm")],
                  **config)
    if shots:
        config |= dict(fewshot_split=split)
    if shots and split == "dev":
        config |= dict(fewshot_config=dict(sampler="first_n"))
    return ConfigurableTask(config=config)


def evaluate(lm, one):
    name = one.config.task
    done = lm_eval.simple_evaluate(model=lm, tasks=[one], log_samples=True, bootstrap_iters=10)
    results = done["results"][name]
    samples = sorted(done["samples"][name], key=lambda s: s["doc_id"])
    return dict(acc=results["acc,none"], accNorm=results["acc_norm,none"], accError=results.get("acc_stderr,none"),
                logLikelihoods=[[r[0] for r in s["filtered_resps"]] for s in samples])


def draws():
    """What Python draws, one after the other."""
    lists = []
    for seed in (1234, 0, -7, 2**40 + 5):
        numbers = random.Random(seed)
        sizes = [(7, 3), (21, 5), (22, 5), (7473, 5), (30, 8), (300, 8), (85, 6), (86, 6), (1, 1)] * 15  # past the first 624 words
        lists.append(dict(seed=seed, draws=[f"{n}: {numbers.sample(range(n), k)}" for n, k in sizes]))
    return lists


def gsm8k():
    """Each response against each solution, by the filters and the metric of the task gsm8k."""
    ignore = [",", "\\$", "(?s).*#### ", "\\.$"]
    strict = RegexFilter("#### (\\-?[0-9\\.\\,]+)").apply([[r] for r in RESPONSES], [{}] * len(RESPONSES))
    flexible = RegexFilter("(-?[$0-9.,]{2,})|(-?[0-9]+)", group_select=-1).apply([[r] for r in RESPONSES], [{}] * len(RESPONSES))

    def matches(extracted):
        return [bool(exact_match_hf_evaluate([extracted], [s], regexes_to_ignore=ignore, ignore_case=True)["exact_match"]) for s in SOLUTIONS]

    return [dict(response=r, strict=s[0], flexible=f[0], strictMatches=matches(s[0]), flexibleMatches=matches(f[0]))
            for r, s, f in zip(RESPONSES, strict, flexible)]


out = pathlib.Path(sys.argv[1])
(out / "model").mkdir(parents=True, exist_ok=True)
words = tokenizer(out / "model")
tiny = model(out / "model", len(words))
write(out / "arc.jsonl", [dict(id=str(i), question=q, choices=dict(text=c, label=list(l)), answerKey=a) for i, (q, c, l, a) in enumerate(ARC)])
write(out / "arc_dev.jsonl", [dict(question=q, choices=dict(text=c, label=list(l)), answerKey=a) for q, c, l, a in ARC_DEV])
write(out / "openbookqa.jsonl", [dict(question_stem=q, choices=dict(text=c, label=list(l)), answerKey=a) for q, c, l, a in ARC])
write(out / "mmlu.jsonl", [dict(question=q, choices=c, answer=a, subject=s) for q, c, a, s in MMLU])
write(out / "mmlu_dev.jsonl", [dict(question=q, choices=c, answer=a, subject=s) for q, c, a, s in MMLU_DEV])
write(out / "boolq.jsonl", [dict(passage=p, question=q, label=int(a)) for p, q, a in BOOLQ])

lm = HFLM(pretrained=tiny, tokenizer=words, batch_size=1, device="cpu")
by_key = dict(doc_to_target="{{choices.label.index(answerKey)}}", doc_to_choice="{{choices.text}}")
letters = dict(doc_to_text="{{question.strip()}}\nA. {{choices[0]}}\nB. {{choices[1]}}\nC. {{choices[2]}}\nD. {{choices[3]}}\nAnswer:",
               doc_to_choice=["A", "B", "C", "D"], doc_to_target="answer",
               description="The following are multiple choice questions (with answers) about elementary mathematics.\n\n")
expected = dict(
    arc=evaluate(lm, task("arc", out, dict(doc_to_text="Question: {{question}}\nAnswer:", **by_key))),
    openbookqa=evaluate(lm, task("openbookqa", out, dict(doc_to_text="question_stem", **by_key))),
    mmlu=evaluate(lm, task("mmlu", out, letters)),
    mmluShots=evaluate(lm, task("mmlu", out, letters, shots=2, dev="mmlu_dev")),
    arcShots=evaluate(lm, task("arc", out, dict(doc_to_text="Question: {{question}}\nAnswer:", **by_key), 3, "arc_dev", "train")),
    arcOwnShots=evaluate(lm, task("arc", out, dict(doc_to_text="Question: {{question}}\nAnswer:", **by_key), 2, None, "test")),
    boolq=evaluate(lm, task("boolq", out, dict(doc_to_text="{{passage}}\nQuestion: {{question}}?\nAnswer:", doc_to_target="label",
                                               doc_to_choice=["no", "yes"]))),
    draws=draws(),
    solutions=SOLUTIONS,
    gsm8k=gsm8k())
(out / "expected.json").write_text(json.dumps(expected, indent=1))
