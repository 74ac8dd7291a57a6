"""Compares work trees with what an earlier look met in them, without reading a document."""

import os
from collections.abc import Sequence

from reconciler.model import Problem
from reconciler.observe import disk
from reconciler.observe.artifacts import Disk


def changed_on(before: Disk) -> list[str] | None:
    """Documents of a work tree that may be others than ``before``, sorted.

    None when the names are not the same, when a link is in the way, or when something cannot be read.
    """
    problems: set[Problem] = set()
    roots, links = disk.open_roots(before.path, before.roots)
    met = list(disk.walk(before.path, roots, problems))
    if links or problems or len(met) != len(before.files) + len(before.others):
        return None
    return _changed(before, met)


def _changed(before: Disk, met: Sequence[str]) -> list[str] | None:
    found = []
    files, others, top = before.files, before.others, f"{before.path}/"
    for path in met:
        known = files.get(path)
        if known is None:
            if path not in others:
                return None
            continue
        try:
            signature = disk.signature_of(os.lstat(top + path))
        except OSError:
            return None
        if known != signature:
            found.append(path)
    return sorted(found)
