"""The 1-shot run of `npm run train -- one-shot` by TRL on PyTorch: 4 groups of 16 answers to the recorded example.

    python scripts/compare/trl_one_shot.py STEPS OUT      # needs torch, transformers, trl, datasets; writes the trained model to OUT

Prints seconds a step and sampled tokens a second. `npm run evaluate -- --model OUT` measures the model, after tokenizer.json was
copied into it.
"""
import gzip
import json
import pathlib
import re
import sys
import time

import torch
import trl
from datasets import Dataset
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast
from trl import GRPOConfig, GRPOTrainer

steps, out = int(sys.argv[1]), sys.argv[2]
public = pathlib.Path(__file__).parents[2] / "public"
folder = public / "models" / "kelvin-nano"
torch.set_num_threads(2)

with gzip.open(public / "runs" / "one-shot-kelvin-nano.jsonl.gz", "rt") as log:
    events = (json.loads(line) for line in log)
    asked = next(one["prompt"] for one in events if one["type"] == "rollout.sample" and one["step"] == 0)
gold = asked["task"]["pairs"][0]["output"]

tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"), eos_token="<eos>", pad_token="<pad>")
model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
sampled = 0


def reward(completion_ids, **_):
    """1 for the right answer, else -0.5."""
    global sampled
    rewards = []
    for ids in completion_ids:
        sampled += len(ids)
        text = tokenizer.decode(ids, skip_special_tokens=False).replace(" ", "")
        found = re.search(r"<ans>(.*)<eos>$", text, re.S)
        rewards.append(1.0 if found and found.group(1) == gold else -0.5)
    return rewards


settings = GRPOConfig(
    output_dir=out, max_steps=steps, per_device_train_batch_size=64, num_generations=16, learning_rate=1.5e-4,
    lr_scheduler_type="constant", beta=0.001, epsilon=0.2, temperature=1.0, max_completion_length=asked["maxNewTokens"],
    loss_type="bnpo", max_grad_norm=1.0, weight_decay=0.0, seed=1, use_cpu=True, bf16=False, gradient_checkpointing=False,
    save_strategy="no", report_to=[], logging_steps=steps, disable_tqdm=True,
)
data = Dataset.from_list([{"prompt": asked["text"]}] * 64)
trainer = GRPOTrainer(model=model, reward_funcs=reward, args=settings, train_dataset=data, processing_class=tokenizer)
begin = time.time()
trainer.train()
seconds = time.time() - begin
trainer.model.save_pretrained(out)
print(json.dumps({"trl": trl.__version__, "torch": torch.__version__, "secondsPerStep": seconds / steps, "sampledPerSecond": sampled / seconds}))
