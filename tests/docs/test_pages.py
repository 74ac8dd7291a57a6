"""Pages: every transcript is what the program says, pictures are fresh, links lead somewhere, no command is made up."""

import re
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

import pytest

from reconciler.config import load_config
from reconciler.observe.rulebook import load_rulebook

from .commands import entries
from .paths import DOCS, PROJECT, README, pages
from .pictures import status_pictures
from .terminal import Terminal, demo, loosely, noon
from .transcripts import agree, blocks, steps, tidy

PAGES = pages()
OWN = [
    path
    for path in PAGES
    if path.name not in {"landing.md", "coordination.md", "import.md", "watch.md", "hooks.md", "screens.md"}
]
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"")
_SPOKEN = re.compile(r"`swarm ([a-z][a-z-]*)")
_TYPED = re.compile(r"^(?:\$ )?swarm ([a-z][a-z-]*)", re.MULTILINE)
_TOML = re.compile(r"^```toml\n# (\.swarm/\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def name(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


@pytest.mark.parametrize("path", [p for p in PAGES if any(blocks(p.read_text("utf-8")))], ids=name)
def test_transcripts_are_what_the_program_says(path: Path, tmp_path: Path) -> None:
    terminal = demo(tmp_path / "demo")
    last = 0
    for block in blocks(path.read_text("utf-8")):
        for step in steps(block):
            real = f"{last}\n"
            if step.command != "echo $?":
                real, last = terminal.run(step.command)
            if not agree(step.output, real):
                assert tidy(step.output) == tidy(real), f"{step.command}: python -m tests.docs.generate"


def test_pictures_are_fresh(tmp_path: Path) -> None:
    drawn = status_pictures(demo(tmp_path / "demo"))
    assert {n: (DOCS / "images" / n).read_text("utf-8") for n in drawn} == drawn, "python -m tests.docs.generate"


def test_pictures_ask_nothing_of_the_web() -> None:
    for path in (DOCS / "images").glob("*.svg"):
        text = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?:|@font-face|@import|<script|xlink|url\(", text)


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_links_lead_somewhere(path: Path) -> None:
    lost = []
    for match in _LINK.finditer(_FENCE.sub("", path.read_text("utf-8"))):
        target = match[1] or match[2]
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = unquote(target).partition("#")
        there = (path.parent / file).resolve() if file else path
        if not there.exists() or (anchor and anchor not in anchors(there)):
            lost.append(target)
    assert lost == []


def anchors(path: Path) -> set[str]:
    """The anchors that a forge gives to headings."""
    heads = re.findall(r"^#+ (.+)$", _FENCE.sub("", path.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("path", OWN, ids=name)
def test_no_command_is_made_up(path: Path) -> None:
    known = {entry.words.split()[0] for entry in entries()}
    text = path.read_text("utf-8")
    said = set(_SPOKEN.findall(_FENCE.sub("", text)))
    said.update(word for fence in _FENCE.findall(text) for word in (*_SPOKEN.findall(fence), *_TYPED.findall(fence)))
    assert said - known <= LATER


LATER = {"check"}  # drift says it before it is there


def test_every_page_is_reached_from_the_index() -> None:
    linked = {
        (base.parent / m[1]).resolve()
        for base in (README, DOCS / "README.md")
        for m in _LINK.finditer(base.read_text("utf-8"))
        if m[1]
    }
    assert [name(path) for path in PAGES if path.resolve() not in linked | {README}] == []


def test_configuration_that_is_shown_is_understood(tmp_path: Path) -> None:
    shown = _TOML.findall((DOCS / "how-to/configure.md").read_text("utf-8"))
    assert {place for place, _ in shown} >= {
        ".swarm/config.toml",
        ".swarm/rules/layouts.toml",
        ".swarm/rules/words.toml",
    }
    for number, (place, text) in enumerate(shown):
        file = tmp_path / str(number) / place
        file.parent.mkdir(parents=True)
        file.write_text(text, "utf-8")
        root = tmp_path / str(number)
        assert load_config(root, {}).problems == ()
        assert load_rulebook(overrides=root / ".swarm/rules").problems == ()


# -- the instruments


def test_a_block_is_split_into_commands() -> None:
    found = steps("$ swarm a\none\ntwo\n$ swarm b\n")
    assert [(s.command, s.output) for s in found] == [("swarm a", "one\ntwo\n"), ("swarm b", "")]
    with pytest.raises(ValueError, match="output before a command"):
        steps("one\n$ swarm a\n")


def test_ids_times_and_widths_do_not_matter_and_words_do() -> None:
    assert agree("civ  main 8ec609c   5h  plan of 2026-01-18\n", "civ  main 1234567  12m plan of 2027-11-02\n")
    assert not agree("civ  main 8ec609c   5h  ready\n", "civ  main 8ec609c   5h  merged\n")
    assert loosely("a feed of 12 open") == "a feed of 12 open"


def test_dots_stand_for_what_is_left_out() -> None:
    assert agree("first\n...\nlast\n", "first\nsecond\nthird\nlast\n")
    assert not agree("first\n...\nother\n", "first\nsecond\nlast\n")
    assert not agree("first\n", "first\nsecond\n")


def test_it_is_noon_whatever_the_hour() -> None:
    assert [noon(datetime(2026, 1, 1, hour, tzinfo=UTC)) for hour in (0, 12, 23)] == ["DOC-12", "DOC+0", "DOC+11"]


def test_the_terminal_tells_output_and_code(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    assert terminal.run("printf 'x'; printf 'y' >&2; exit 3") == ("xy", 3)
    shown, code = terminal.run("swarm status")
    assert code == 7
    assert shown == f"error: not a git repository: ~/{tmp_path.name}\nhint: swarm demo, or git init\n"
