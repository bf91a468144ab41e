"""Goes on with a Kelvin run in TRL: GRPO on the tasks of the bundle. `python trl_run.py --steps 45`

Needs `pip install trl`. On a GPU TRL uses it. The optimizer starts anew: moments do not travel.
"""

import argparse
import functools
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "reward"))

from datasets import Dataset
from kelvin_reward import judge, kelvin_reward
from transformers import AutoModelForCausalLM, AutoTokenizer, set_seed
from trl import GRPOConfig, GRPOTrainer

SETTINGS = json.load(open(os.path.join(HERE, "settings.json")))


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=45)
    parser.add_argument("--seed", type=int, default=SETTINGS["seed"])
    parser.add_argument("--groups", type=int, default=12, help="tasks per step")
    parser.add_argument("--samples", type=int, default=SETTINGS["samples"], help="answers per task")
    parser.add_argument("--held-out", type=int, default=100, help="held-out tasks per type, before and after")
    parser.add_argument("--out", default=os.path.join(HERE, "trained"))
    return parser.parse_args()


def rows(name, chat):
    """Tasks as TRL wants them: a plain string is not put through a chat template."""
    with open(os.path.join(HERE, "tasks", name)) as lines:
        for row in map(json.loads, lines):
            prompt = row["prompt"] if chat else row["prompt"][0]["content"]
            yield {"prompt": prompt, "data_source": row["data_source"], "ground_truth": row["reward_model"]["ground_truth"]}


def accuracy(model, tokenizer, tasks, most):
    """Share of right greedy answers by type."""
    model.eval()
    shares = {}
    for source in sorted({task["data_source"] for task in tasks}):
        own = [task for task in tasks if task["data_source"] == source][:most]
        right = sum(judge(source.removeprefix("kelvin/"), task["ground_truth"], *greedy(model, tokenizer, task)) == "CORRECT"
                    for task in own)
        shares[source] = right / len(own)
    return shares


def greedy(model, tokenizer, task):
    """The answer's text, and whether it ended by itself."""
    if isinstance(task["prompt"], str):
        ids = tokenizer(task["prompt"], return_tensors="pt")["input_ids"]
    else:
        ids = tokenizer.apply_chat_template(task["prompt"], add_generation_prompt=True, return_tensors="pt", return_dict=True)["input_ids"]
    ids = ids.to(model.device)
    longest = SETTINGS["max_response_length"]
    written = model.generate(ids, do_sample=False, max_new_tokens=longest, pad_token_id=tokenizer.pad_token_id)
    new = written[0, ids.shape[1]:].tolist()
    return tokenizer.decode(new, skip_special_tokens=True), tokenizer.eos_token_id in new


def main():
    chosen = arguments()
    set_seed(chosen.seed)
    tokenizer = AutoTokenizer.from_pretrained(os.path.join(HERE, "model"), padding_side="left")
    model = AutoModelForCausalLM.from_pretrained(os.path.join(HERE, "model"), dtype="float32")
    held_out = list(rows("held-out.jsonl", SETTINGS["chat"]))
    config = GRPOConfig(
        output_dir=chosen.out, max_steps=chosen.steps, seed=chosen.seed, learning_rate=SETTINGS["learning_rate"],
        per_device_train_batch_size=chosen.groups * chosen.samples, num_generations=chosen.samples,
        max_completion_length=SETTINGS["max_response_length"], temperature=SETTINGS["temperature"], beta=0.0, top_k=0,
        logging_steps=1, save_strategy="no", report_to=[], bf16=False,
        gradient_checkpointing=False,   # small models have the room, and generation needs its cache
    )
    reward = functools.partial(kelvin_reward, eos_token_id=tokenizer.eos_token_id)
    reward.__name__ = "kelvin_reward"
    trainer = GRPOTrainer(model=model, reward_funcs=reward, args=config, processing_class=tokenizer,
                          train_dataset=Dataset.from_list(list(rows("train.jsonl", SETTINGS["chat"]))))
    print("held out, before:", accuracy(trainer.model, tokenizer, held_out, chosen.held_out))
    trainer.train()
    print("held out, after:", accuracy(trainer.model, tokenizer, held_out, chosen.held_out))
    trainer.save_model(chosen.out)


if __name__ == "__main__":
    main()
