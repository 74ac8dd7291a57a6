"""The state machine for long: ``python -m tests.machine --minutes 20``. Exit 1 when it finds something."""

import argparse
import sys
import time

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.database import InMemoryExampleDatabase
from hypothesis.stateful import run_state_machine_as_test

from tests.machine.machine import Machine

EXAMPLES = 10  # of a round


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.machine", description=__doc__)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0, help="of the first round; each round takes the next")
    parser.add_argument("--shrink", action="store_true", help="look for the shortest example that fails (minutes)")
    options = parser.parse_args(argv)
    end, number = time.monotonic() + options.minutes * 60, options.seed
    while time.monotonic() < end:
        machine = seed(number)(type(f"Machine{number}", (Machine,), {}))
        print(f"round {number}", flush=True)
        run_state_machine_as_test(machine, settings=_settings(options.steps, shrink=options.shrink))
        number += 1
    print(f"{number - options.seed} rounds of {EXAMPLES} examples, nothing found")
    return 0


def _settings(steps: int, *, shrink: bool) -> settings:
    return settings(
        max_examples=EXAMPLES,
        phases=(Phase.generate, Phase.shrink) if shrink else (Phase.generate,),
        stateful_step_count=steps,
        deadline=None,
        database=InMemoryExampleDatabase(),
        suppress_health_check=list(HealthCheck),
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
