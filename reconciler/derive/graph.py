"""The dependency graph: what blocks what, cycles, and how much waits for each workstream. Only networkx here."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from reconciler.frozen import frozen
from reconciler.model import Relation


@frozen
class Blocking:
    """What the ``blocks`` edges say, given which workstreams are done; every tuple is sorted."""

    blocked_by: Mapping[str, tuple[str, ...]]  # direct targets that are not done, or fellow members of a cycle
    unblocks: Mapping[str, tuple[str, ...]]  # of what is free: everything open that waits for it, transitively
    cycles: tuple[tuple[str, ...], ...]


def read_blocking(ids: Iterable[str], relations: Mapping[str, Sequence[Relation]], done: frozenset[str]) -> Blocking:
    """Blocking among ``ids``; an edge to an id that does not exist is ignored."""
    nodes = sorted(ids)
    known = frozenset(nodes)
    needs = {node: _needs(relations.get(node, ()), known) for node in nodes}
    waiters: dict[str, list[str]] = defaultdict(list)
    for node, targets in needs.items():
        for target in targets:
            waiters[target].append(node)
    cycles = _cycles(needs)
    inside = {member: cycle for cycle in cycles for member in cycle}
    blocked_by = {}
    for node in nodes:
        if node in done or not needs[node]:
            continue
        waits = {t for t in needs[node] if t not in done or t in inside.get(node, ())}
        if node in inside and not waits - {node}:
            waits = set(inside[node]) - {node} or {node}
        if waits:
            blocked_by[node] = tuple(sorted(waits))
    free = (n for n in nodes if n in waiters and n not in done and n not in blocked_by)
    unblocks = {n: tuple(sorted(w for w in _all_waiting(n, waiters) if w not in done)) for n in free}
    return Blocking(blocked_by, {n: w for n, w in unblocks.items() if w}, cycles)


def has_path(relations: Mapping[str, Sequence[Relation]], one: str, other: str) -> bool:
    """Does either workstream depend on the other, at any distance, by ``blocks`` or ``parent``?"""
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph()
    for source, edges in relations.items():
        graph.add_edges_from((source, str(e.target)) for e in edges if e.type in ("blocks", "parent"))
    return all(n in graph for n in (one, other)) and (nx.has_path(graph, one, other) or nx.has_path(graph, other, one))


def _needs(relations: Sequence[Relation], known: frozenset[str]) -> frozenset[str]:
    return frozenset(str(r.target) for r in relations if r.type == "blocks" and r.target in known)


def _all_waiting(node: str, waiters: Mapping[str, Sequence[str]]) -> set[str]:
    """Everything that waits for ``node``, at any distance."""
    found: set[str] = set()
    pending = [node]
    while pending:
        for waiter in waiters.get(pending.pop(), ()):
            if waiter not in found:
                found.add(waiter)
                pending.append(waiter)
    return found - {node}


def _cycles(needs: Mapping[str, frozenset[str]]) -> tuple[tuple[str, ...], ...]:
    """Strongly connected parts with more than one member, or a loop of one. Linear, however many circles.

    networkx finds them; it is imported only where there is a circle, since that alone takes a tenth of a second.
    """
    try:
        TopologicalSorter(needs).prepare()
    except CycleError:
        import networkx as nx

        graph: nx.DiGraph[str] = nx.DiGraph((node, target) for node, targets in needs.items() for target in targets)
        parts = (sorted(part) for part in nx.strongly_connected_components(graph))
        return tuple(sorted(tuple(p) for p in parts if len(p) > 1 or graph.has_edge(p[0], p[0])))
    return ()
