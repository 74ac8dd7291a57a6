"""The reference says what the program is: generated pages are fresh, and nothing is missing from them."""

import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.errors import Exit

from .commands import Entry, entries, split_examples
from .facts import configuration_keys, exit_codes
from .generate import reference
from .manpage import escape, man
from .paths import DOCS, PROJECT, README, replace_part
from .rules import identifiers, rule_files

COMMANDS = (DOCS / "reference/commands.md").read_text("utf-8")
RULES = (DOCS / "reference/rules.md").read_text("utf-8")
FRESH = "python -m tests.docs.generate"


@pytest.mark.parametrize("path", sorted(reference()), ids=lambda path: path.name)
def test_page_is_fresh(path: Path) -> None:
    assert path.read_text("utf-8") == reference()[path], f"out of date: {FRESH}"


def test_every_command_is_in_the_reference() -> None:
    assert [entry.words for entry in entries() if f"## swarm {entry.words}\n" not in COMMANDS] == []


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.words)
def test_every_help_has_an_example(entry: Entry) -> None:
    assert entry.help
    assert any(f"swarm {entry.words}" in example for example in entry.examples)


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.words)
def test_every_option_says_what_it_means(entry: Entry) -> None:
    assert [option.name for option in entry.options if not option.help] == []


def test_every_rule_is_in_the_reference() -> None:
    names = identifiers(rule_files())
    assert len(names) > 40
    assert sorted(name for name in names if f"`{name}`" not in RULES) == []


def test_every_exit_code_is_said_once() -> None:
    page = (DOCS / "reference/exit-codes.md").read_text("utf-8")
    assert [page.count(f"| {int(code)} | `{code.name}` |") for code in Exit] == [1] * len(Exit)
    assert all(text for _, _, text in exit_codes())


def test_every_key_has_a_meaning() -> None:
    assert all(key.meaning and key.expected for key in configuration_keys())


def test_examples_are_split_and_keep_remarks() -> None:
    assert split_examples("Examples:  swarm a    swarm b --c   (exit 1)") == ["swarm a", "swarm b --c  # exit 1"]
    assert split_examples("\b\nExamples:\n  swarm a\n  swarm b") == ["swarm a", "swarm b"]
    assert split_examples('Example:  eval "$(swarm completion bash)"   in ~/.bashrc') == [
        'eval "$(swarm completion bash)"  # in ~/.bashrc'
    ]


def test_the_man_page_is_plain_roff() -> None:
    page = man()
    assert page.startswith('.\\" generated')
    known = (".\\", ".TH ", ".SH ", ".SS ", ".TP", ".PP", ".RS", ".RE", ".nf", ".fi", ".B ")
    assert [line for line in page.splitlines() if line.startswith((".", "'")) and not line.startswith(known)] == []
    assert escape(".dots and -dashes \\ and\nlines") == "\\&.dots and \\-dashes \\e and lines"


def test_a_part_without_its_place_is_said() -> None:
    with pytest.raises(ValueError, match="no part 'codes'"):
        replace_part("# Page\n", "codes", "text")


def test_readme_has_the_two_commands_that_ci_runs() -> None:
    listed = subprocess.run(
        ["bash", str(PROJECT / ".ci/run"), "--list"], capture_output=True, encoding="utf-8", check=True
    )
    lines = listed.stdout.splitlines()
    assert len(lines) == 2
    assert all(line in README.read_text("utf-8").splitlines() for line in lines)
    assert lines[0].endswith(".venv/bin/swarm demo")
    assert "pytest" in lines[1]


def test_generate_says_what_is_stale_and_writes_nothing_when_checking() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.docs.generate", "--help"], cwd=PROJECT, capture_output=True, check=True
    )
    assert b"--check" in done.stdout
