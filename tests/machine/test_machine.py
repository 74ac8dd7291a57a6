"""The state machine in its short form; ``python -m tests.machine`` is the long one."""

from hypothesis import HealthCheck, Phase, settings

from tests.machine.machine import Machine

TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=5,
    stateful_step_count=12,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # no time for a shorter example: the long form finds it
    suppress_health_check=list(HealthCheck),
)
