"""Runs a race: processes that claim and release at random, a hand that kills some of them, and a verdict."""

import os
import random
import signal
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.coordination.holdings import claims
from reconciler.coordination.identity import here
from tests.races.askers import Asker
from tests.races.history import Call, Diary, read_diaries
from tests.races.linear import numbers_repeat, unexplained

Meeting = Callable[[str], Asker]  # session -> a way to ask


@dataclass(frozen=True, slots=True)
class Race:
    processes: int = 16
    workstreams: int = 200
    kills: int = 0
    seed: int = 1
    give_back: float = 0.0  # how likely a process releases what it got, and claims again


@dataclass(frozen=True, slots=True)
class Verdict:
    """What went wrong; all empty when nothing did."""

    double: list[str]  # no order of the calls has one owner at a time
    lost: list[str]  # asked for by all, in nobody's hands
    vanished: list[str]  # somebody was told that it is his, and it is not
    stuck: list[str]  # cannot be claimed when all others are gone
    broken: list[str]  # processes that ended by themselves in another way than well
    repeated: list[str]  # a number given twice
    left: list[str]  # temporary files that nobody removed
    calls: int = 0
    killed: int = 0
    unheard: int = 0  # calls cut off by a kill
    seconds: float = 0.0

    @property
    def clean(self) -> bool:
        return not any((self.double, self.lost, self.vanished, self.stuck, self.broken, self.repeated, self.left))

    def figures(self) -> str:
        faults = ("double", "lost", "vanished", "stuck", "broken", "repeated", "left")
        counts = "  ".join(f"{name} {len(getattr(self, name))}" for name in faults)
        return f"{self.calls} calls, {self.killed} killed ({self.unheard} unheard), {self.seconds:.1f} s: {counts}"


@dataclass
class _Field:
    """The processes at work, by pid, and what became of the others."""

    alive: dict[int, str] = field(default_factory=dict)
    deaths: dict[str, int] = field(default_factory=dict)
    finished: set[str] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)
    begun: int = 0


@dataclass(frozen=True, slots=True)
class _Setting:
    race: Race
    keys: list[str]
    diaries: Path
    meet: Meeting
    steps: tuple[int, int]  # a pipe on which each process says that it made a step: "s001."
    start: tuple[int, int]  # pipes that nobody writes to: closed when all may begin,
    go: tuple[int, int]  # and when all may go


def run(race: Race, root: Path, diaries: Path, meet: Meeting) -> Verdict:
    """Let them race on the facts under ``root``; write down everything under ``diaries`` and judge it."""
    began = time.monotonic()
    diaries.mkdir(parents=True)
    keys = [f"work-{number:03d}" for number in range(race.workstreams)]
    setting = _Setting(race, keys, diaries, meet, os.pipe(), os.pipe(), os.pipe())
    people = _Field()
    for _ in range(race.processes):
        _begin(setting, people)
    os.close(setting.start[1])
    _watch(setting, people)
    final = {holding.workstream: holding.session for holding in claims(root, here())}
    _note_final(setting, final)
    os.close(setting.go[1])
    for pid, session in people.alive.items():
        if os.waitpid(pid, 0)[1]:
            people.broken.append(session)
    for end in (*setting.steps, setting.start[0], setting.go[0]):
        os.close(end)
    stuck = _stuck(setting)
    left = [str(path) for path in root.rglob(".tmp-*")]
    return _judge(setting, people, final, stuck, left, time.monotonic() - began)


def _begin(setting: _Setting, people: _Field) -> None:
    session = f"s{people.begun:03d}"
    people.begun += 1
    pid = os.fork()
    if pid == 0:
        os._exit(_work(setting, session))
    with suppress(OSError):
        os.setpgid(pid, pid)  # a group of its own, so that a kill hits the command that it runs too
    people.alive[pid] = session


def _work(setting: _Setting, session: str) -> int:
    """One process: claim everything in an order of its own, sometimes give back; then stay until all are done."""
    os.setpgid(0, 0)
    os.close(setting.go[1])
    with suppress(OSError):
        os.close(setting.start[1])  # closed already for those that come later
    os.read(setting.start[0], 1)
    try:
        _ask_for_all(setting, session)
    except BaseException:  # whatever it was is shown, and the race must not wait for this process
        traceback.print_exc()
        os.write(setting.steps[1], f"{session}!".encode())
        return 1
    os.write(setting.steps[1], f"{session}#".encode())
    os.read(setting.go[0], 1)  # returns when the other end is closed
    return 0


def _ask_for_all(setting: _Setting, session: str) -> None:
    dice = random.Random(f"{setting.race.seed} {session}")
    diary, asker = Diary(setting.diaries / f"{session}.diary"), setting.meet(session)
    in_step = setting.race.seed % 2 == 0  # all in the same order: they meet at every key
    for key in setting.keys if in_step else dice.sample(setting.keys, len(setting.keys)):
        mine = _ask(diary, asker, "claim", key, session)
        while mine and dice.random() < setting.race.give_back:
            _ask(diary, asker, "release", key, session)
            mine = _ask(diary, asker, "claim", key, session)
        os.write(setting.steps[1], f"{session}.".encode())


def _ask(diary: Diary, asker: Asker, request: str, key: str, session: str) -> bool:
    diary.ask(key, session, request)
    answer = asker.claim(key) if request == "claim" else asker.release(key)
    diary.hear(answer.said, answer.holder, answer.generation)
    return answer.said not in ("refused", "free", "released")


def _watch(setting: _Setting, people: _Field) -> None:
    """Count steps; after a random number of them kill a random process and put a new one in its place."""
    race = setting.race
    dice = random.Random(race.seed)
    moments = sorted(dice.randrange(race.processes * race.workstreams) for _ in range(race.kills))
    made = 0
    while moments or not people.finished >= set(people.alive.values()):
        if not people.finished >= set(people.alive.values()):
            said = os.read(setting.steps[0], 5 * 16).decode()
            marks = [(said[at : at + 4], said[at + 4]) for at in range(0, len(said), 5)]
            made += len(marks)
            people.finished |= {session for session, mark in marks if mark != "."}
            people.broken += [session for session, mark in marks if mark == "!"]
        idle = people.finished >= set(people.alive.values())
        while moments and (idle or made >= moments[0]):
            moments.pop(0)
            _kill_one(people, dice)
            _begin(setting, people)


def _kill_one(people: _Field, dice: random.Random) -> None:
    pid = dice.choice(sorted(people.alive))
    until = time.perf_counter() + dice.random() * 0.003
    while time.perf_counter() < until:
        pass  # to hit any place inside a call
    session = people.alive.pop(pid)
    people.deaths[session] = time.monotonic_ns()
    os.killpg(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    if os.waitstatus_to_exitcode(status) != -signal.SIGKILL:
        people.broken.append(session)


def _note_final(setting: _Setting, final: dict[str, str]) -> None:
    diary = Diary(setting.diaries / "final.diary")
    for key in setting.keys:
        diary.ask(key, "final", "read")
        diary.hear("held" if key in final else "free", final.get(key, ""))


def _stuck(setting: _Setting) -> list[str]:
    """Claim everything once more, when all who held something are gone: nothing may need a person."""
    asker = setting.meet("last")
    return [key for key in setting.keys if asker.claim(key).said == "refused"]


def _judge(
    setting: _Setting,
    people: _Field,
    final: dict[str, str],
    stuck: list[str],
    left: list[str],
    seconds: float,
) -> Verdict:
    calls = read_diaries(setting.diaries)
    asked = [call for call in calls if call.request != "read"]
    return Verdict(
        double=unexplained(calls, people.deaths),
        lost=_lost(setting, final),
        vanished=_vanished(calls, people, final),
        stuck=stuck,
        broken=people.broken,
        repeated=numbers_repeat(calls),
        left=left,
        calls=len(asked),
        killed=len(people.deaths),
        unheard=sum(not call.answer for call in asked),
        seconds=seconds,
    )


def _lost(setting: _Setting, final: dict[str, str]) -> list[str]:
    """Everything that nobody gives back must be in somebody's hands, for all have asked for it."""
    return [] if setting.race.give_back else [key for key in setting.keys if key not in final]


def _vanished(calls: list[Call], people: _Field, final: dict[str, str]) -> list[str]:
    """The last word that a process heard about a workstream, if it lives, must still be true."""
    last: dict[tuple[str, str], Call] = {}
    for call in calls:
        if call.request != "read":
            last[call.key, call.session] = call
    living = set(people.alive.values())
    owned = ("claimed", "renewed", "taken-over", "ok")
    return sorted(
        key
        for (key, session), call in last.items()
        if session in living and call.answer in owned and final.get(key) != session
    )
