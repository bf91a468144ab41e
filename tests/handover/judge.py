"""Verdicts of a bundle's reward on rows of standard input: [kind, ground truth, completion, whether it ended]."""

import json
import sys

sys.path.insert(0, sys.argv[1])
import kelvin_reward

print(json.dumps([kelvin_reward.judge(*row) for row in json.load(sys.stdin)]))
