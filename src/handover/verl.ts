/** The script that starts verl on a bundle. */
import type { HandoverSettings } from "./settings";

/** Prompts per update, as verl's examples have it for one node. */
const BATCH = 96;

/** Settings of verl's `main_ppo`, in the order in which they are written. `$here` is the bundle's folder. */
export function verlSettings(settings: HandoverSettings): ReadonlyMap<string, string> {
  return new Map([
    ["algorithm.adv_estimator", "grpo"],
    ["algorithm.use_kl_in_reward", "False"],
    ["data.train_files", '"$here/tasks/train.jsonl"'],
    ["data.val_files", '"$here/tasks/held-out.jsonl"'],
    ["data.train_batch_size", String(BATCH)],
    ["data.max_prompt_length", String(settings.max_prompt_length)],
    ["data.max_response_length", String(settings.max_response_length)],
    ["data.filter_overlong_prompts", "True"],
    ["data.seed", String(settings.seed)],
    ["actor_rollout_ref.model.path", '"$here/model"'],
    ["actor_rollout_ref.actor.optim.lr", String(settings.learning_rate)],
    ["actor_rollout_ref.actor.clip_ratio", String(settings.clip)],
    ["actor_rollout_ref.actor.use_kl_loss", "False"],
    ["actor_rollout_ref.actor.entropy_coeff", "0"],
    ["actor_rollout_ref.actor.ppo_mini_batch_size", String(BATCH)],
    ["actor_rollout_ref.actor.ppo_micro_batch_size_per_gpu", "32"],
    ["actor_rollout_ref.rollout.name", "vllm"],
    ["actor_rollout_ref.rollout.n", String(settings.samples)],
    ["actor_rollout_ref.rollout.temperature", String(settings.temperature)],
    ["actor_rollout_ref.rollout.tensor_model_parallel_size", "1"],
    ["actor_rollout_ref.rollout.gpu_memory_utilization", "0.4"],
    ["actor_rollout_ref.rollout.log_prob_micro_batch_size_per_gpu", "64"],
    ["$reward.path", '"$here/reward/kelvin_reward.py"'],
    ["$reward.name", "compute_score"],
    ["trainer.n_gpus_per_node", "1"],
    ["trainer.nnodes", "1"],
    ["trainer.total_epochs", "10"],
    ["trainer.test_freq", "5"],
    ["trainer.save_freq", "20"],
    ["trainer.project_name", "kelvin"],
    ["trainer.experiment_name", settings.method],
    ["trainer.default_local_dir", '"$here/trained"'],
    ["trainer.logger", "'[\"console\"]'"],
  ]);
}

export function verlScript(settings: HandoverSettings): string {
  const lines = [...verlSettings(settings)].map(([key, value]) => `  ${key}=${value} \\\n`);
  return `#!/usr/bin/env bash
# Goes on with a Kelvin run in verl 0.7.1 or later, on one node. Further settings may follow: ./verl.sh trainer.n_gpus_per_node=8
set -eu
here="$(cd "$(dirname "$0")" && pwd)"
# Before verl 0.7.1: reward=custom_reward_function
reward="\${reward:-reward.custom_reward_function}"
python3 -m verl.trainer.main_ppo \\
${lines.join("")}  "$@"
`;
}
