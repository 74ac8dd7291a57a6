"""docs/explanation/landing.md carries the table of scenarios; run this file as a program to rewrite it."""

from pathlib import Path

from tests.landing.scenarios import SCENARIOS, Scenario

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "landing.md"
START = "<!-- table: tests/landing/test_docs.py writes it when run as a program -->\n"
END = "<!-- end -->"


def row(scenario: Scenario) -> str:
    said = "no name left" if scenario.verdict == "nothing" else scenario.verdict
    said += ", reopened" if scenario.reopened else ""
    tag = scenario.tag if scenario.tag != scenario.verdict else ""
    blind = {"": "same", "nothing": "no name left"}.get(scenario.blind, scenario.blind)
    return f"| {scenario.name} | {said} | {tag} | {scenario.rung or ''} | {blind} |\n"


def table() -> str:
    head = "| case | verdict | as | rung | without reflog |\n|---|---|---|---|---|\n"
    return head + "".join(row(scenario) for scenario in SCENARIOS)


def page() -> str:
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}{table()}{END}{after}"


def test_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
