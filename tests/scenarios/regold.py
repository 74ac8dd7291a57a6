"""Rewrites the expected files of scenarios: ``python -m tests.scenarios.regold NAME ...``.

Read the difference before you commit it. Where it contradicts ``[expect]`` of the history nothing is written.
"""

import sys
import tempfile
from pathlib import Path

from tests.scenarios.expect import differences
from tests.scenarios.replay import Scenario, scenarios
from tests.scenarios.sealed import sealed
from tests.scenarios.views import see, status_text, trimmed_text, whole_document


def main(names: list[str]) -> int:
    """Rewrite the scenarios named (all when none is); 1 when one contradicts its own expectation."""
    chosen = [s for s in scenarios() if not names or s.name in names]
    with sealed():
        return max((_regold(scenario) for scenario in chosen), default=1)


def _regold(scenario: Scenario) -> int:
    with tempfile.TemporaryDirectory() as folder:
        history = scenario.history()
        seen = see(scenario.build(Path(folder)), history.get("claim", ()))
        wrong = differences(history["expect"], whole_document(seen))
        if wrong:
            print(f"{scenario.name}: not written", *wrong, sep="\n  ")
            return 1
        target = scenario.folder / "expected"
        target.mkdir(exist_ok=True)
        for name, text in (("status.txt", status_text(seen)), ("workstreams.json", trimmed_text(seen))):
            if scenario.expected(name) != text:
                (target / name).write_text(text, "utf-8")
                print(f"{scenario.name}: wrote {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
