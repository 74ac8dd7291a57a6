"""Transcripts: fenced ``console`` blocks, each command behind ``$``, run in the demo's world as they stand there.

The blocks of a page are one session: they are run in their order, in one world of their own.
A line ``...`` stands for lines that are left out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .terminal import Terminal, loosely

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CUT = "..."


@dataclass(frozen=True, slots=True)
class Step:
    """One command with the output that the page shows."""

    command: str
    output: str


def steps(block: str) -> list[Step]:
    """The commands of one block."""
    found: list[Step] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append(Step(line[2:], ""))
        elif found:
            found[-1] = Step(found[-1].command, found[-1].output + line + "\n")
        else:
            raise ValueError(f"output before a command: {line!r}")
    return found


def blocks(page: str) -> Iterator[str]:
    """The content of each transcript of a page."""
    for match in _BLOCK.finditer(page):
        yield match[1]


def agree(shown: str, real: str) -> bool:
    """Whether the page shows what a command said: the same but for ids, times and ages; ``...`` fits any lines."""
    parts = [loosely(part) for part in re.split(rf"^{re.escape(CUT)}$", shown, flags=re.MULTILINE)]
    said = loosely(real)
    if len(parts) == 1:
        return parts[0] == said
    if not said.startswith(parts[0]) or not said.endswith(parts[-1]):
        return False
    at = len(parts[0])
    for part in parts[1:]:
        at = said.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return True


def refreshed(page: str, terminal: Terminal) -> str:
    """``page`` with the output of every command that says something else now; what is cut stays cut where it agrees."""
    last = 0

    def run_block(match: re.Match[str]) -> str:
        nonlocal last
        lines: list[str] = []
        for step in steps(match[1]):
            if step.command == "echo $?":
                real = f"{last}\n"
            else:
                real, last = terminal.run(step.command)
            output = step.output if agree(step.output, real) else real
            lines.append(f"$ {step.command}\n{tidy(output)}")
        return f"```console\n{''.join(lines)}```"

    return _BLOCK.sub(run_block, page)


def tidy(text: str) -> str:
    """Without spaces at the ends of lines and empty lines at the end."""
    lines = [line.rstrip() for line in text.rstrip("\n").split("\n")]
    return "\n".join(lines) + "\n" if any(lines) else ""
