"""The dependency graph: what blocks what, cycles, and how much waits for each workstream. Only networkx here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx

from reconciler.model import Relation


@dataclass(frozen=True, slots=True)
class Blocking:
    """What the ``blocks`` edges say, given which workstreams are done; every tuple is sorted."""

    blocked_by: Mapping[str, tuple[str, ...]]  # direct targets that are not done, or fellow members of a cycle
    unblocks: Mapping[str, tuple[str, ...]]  # of what is free: everything open that waits for it, transitively
    cycles: tuple[tuple[str, ...], ...]


def read_blocking(ids: Iterable[str], relations: Mapping[str, Sequence[Relation]], done: frozenset[str]) -> Blocking:
    """Blocking among ``ids``; an edge to an id that does not exist is ignored."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(sorted(ids))
    for source in sorted(relations):
        for relation in relations[source]:
            if relation.type == "blocks" and source in graph and relation.target in graph:
                graph.add_edge(source, str(relation.target))
    cycles = _cycles(graph)
    inside = {member: cycle for cycle in cycles for member in cycle}
    blocked_by = {}
    for node in graph:
        if node in done:
            continue
        waits = {t for t in graph.successors(node) if t not in done or t in inside.get(node, ())}
        if node in inside and not waits - {node}:
            waits = set(inside[node]) - {node} or {node}
        if waits:
            blocked_by[node] = tuple(sorted(waits))
    free = (n for n in graph if n not in done and n not in blocked_by and graph.in_degree(n))
    unblocks = {n: tuple(sorted(w for w in nx.ancestors(graph, n) if w not in done)) for n in free}
    return Blocking(blocked_by, {n: w for n, w in unblocks.items() if w}, cycles)


def has_path(relations: Mapping[str, Sequence[Relation]], one: str, other: str) -> bool:
    """Does either workstream depend on the other, at any distance, by ``blocks`` or ``parent``?"""
    graph: nx.DiGraph[str] = nx.DiGraph()
    for source, edges in relations.items():
        graph.add_edges_from((source, str(e.target)) for e in edges if e.type in ("blocks", "parent"))
    return all(n in graph for n in (one, other)) and (nx.has_path(graph, one, other) or nx.has_path(graph, other, one))


def _cycles(graph: "nx.DiGraph[str]") -> tuple[tuple[str, ...], ...]:
    """Strongly connected parts with more than one member, or a loop of one. Linear, however many circles."""
    parts = (sorted(part) for part in nx.strongly_connected_components(graph))
    return tuple(sorted(tuple(p) for p in parts if len(p) > 1 or graph.has_edge(p[0], p[0])))
