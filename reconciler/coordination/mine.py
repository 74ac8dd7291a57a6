"""What a session holds, by its claims alone: for hooks, which have no time to read everybody's."""
# ruff: noqa: PTH208

import os

from reconciler.coordination.beat import quote, read, unquote


def held(root: str, session: str) -> list[str]:
    """Return the workstreams that a session holds, the one taken last first."""
    found = []
    for name in _listed(f"{root}/claims"):
        folder = f"{root}/claims/{name}"
        numbers = [number for number in _listed(folder) if len(number) == 10 and number.isdigit()]
        record = read(f"{folder}/{max(numbers)}") if numbers else ""
        if f'"session": {quote(session)}, ' in record and '"state": "held", ' in record:
            since, workstream = _field(record, "since"), unquote(_field(record, "workstream"))
            if workstream:
                found.append((_number(since), workstream))
    return [workstream for _, workstream in sorted(found, reverse=True)]


# -- below


def _field(record: str, name: str) -> str:
    """The text of one value: our records hold no objects, and a quotation mark inside a text has a stroke before it."""
    rest = record.partition(f'"{name}": ')[2]
    if not rest.startswith('"'):
        return rest.partition(",")[0]
    end = rest.find('"', 1)
    while end > 0 and (end - len(rest[:end].rstrip("\\"))) % 2:
        end = rest.find('"', end + 1)
    return rest[: end + 1]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _listed(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []
