"""Documents of all places, read once each, whatever lies in their way."""

import os
import socket
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reconciler.model import BlobId, Change, Commit, CommitId, Document, Text
from reconciler.observe.artifacts import Cache, Reading, Tree, WorkTree, read_documents
from reconciler.observe.disk import blob_id
from reconciler.observe.rulebook import load_rulebook
from reconciler.printable import UNSAFE

RULES = load_rulebook()
A = ".swarm/plans/2026-03-02-a.md"
NONE: Mapping[str, BlobId] = {}


@dataclass(slots=True)
class World:
    """Committed contents, and a work tree on disk."""

    root: Path
    blobs: dict[BlobId, bytes] = field(default_factory=dict)
    fetched: list[tuple[BlobId, ...]] = field(default_factory=list)

    def tree(self, name: str, files: Mapping[str, str]) -> Tree:
        ids = {path: blob_id(text.encode()) for path, text in files.items()}
        self.blobs.update({ids[path]: text.encode() for path, text in files.items()})
        return Tree(name, ids)

    def write(self, path: str, text: str | bytes) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return file

    def fetch(self, ids: Sequence[BlobId]) -> Mapping[BlobId, bytes]:
        self.fetched.append(tuple(ids))
        return {i: self.blobs[i] for i in ids if i in self.blobs}

    def read(
        self,
        base: Mapping[str, str] | None = None,
        *branches: Tree,
        disks: Sequence[WorkTree] | None = None,
        history: Sequence[Commit] = (),
        cache: Cache | None = None,
        exclude: Sequence[str] = (),
    ) -> Reading:
        return read_documents(
            RULES,
            base=None if base is None else self.tree("main", base),
            branches=branches,
            worktrees=[WorkTree("home", "main", str(self.root))] if disks is None else disks,
            fetch=self.fetch,
            history=history,
            cache=cache,
            exclude=exclude,
        )


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "home")


def places(reading: Reading) -> list[tuple[str, tuple[str, ...]]]:
    return [(d.path, d.seen_in) for d in reading.documents]


def titles(documents: Sequence[Document]) -> list[str]:
    return [d.text.title for d in documents]


# -- where a document was seen


def test_content_equal_to_the_base_is_the_bases(world: World) -> None:
    world.write(A, "# A\n")
    reading = world.read({A: "# A\n"})
    assert places(reading) == [(A, ("main",))]
    assert world.fetched == []
    assert [(p.name, p.kind, p.branch) for p in reading.places] == [("main", "base", "main")]
    assert reading.layouts == ("swarm",)


def test_line_ends_alone_are_no_difference(world: World) -> None:
    world.write(A, "# A\r\n\r\nb\r\n")
    assert places(world.read({A: "# A\n\nb\n"})) == [(A, ("main",))]


def test_an_edit_on_disk_is_a_second_document_and_comes_first(world: World) -> None:
    world.write(A, "# New\n")
    reading = world.read({A: "# Old\n"})
    assert places(reading) == [(A, ("worktree:home",)), (A, ("main",))]
    assert titles(reading.documents) == ["New", "Old"]
    assert [(p.name, p.kind) for p in reading.places] == [("main", "base"), ("worktree:home", "worktree")]


def test_a_file_that_nobody_committed(world: World) -> None:
    world.write(A, "# A\n")
    assert places(world.read({})) == [(A, ("worktree:home",))]


def test_a_file_deleted_on_disk_is_still_on_the_base(world: World) -> None:
    world.root.mkdir()
    assert places(world.read({A: "# A\n"})) == [(A, ("main",))]


def test_the_same_content_on_several_branches_is_one_document(world: World) -> None:
    x, b = world.tree("feature/x", {A: "# A\n"}), world.tree("feature/b", {A: "# A\n"})
    reading = world.read({A: "# A\n"}, x, b, disks=())
    assert places(reading) == [(A, ("feature/b", "feature/x", "main"))]
    assert len(world.fetched) == 1


def test_branch_and_base_differ(world: World) -> None:
    reading = world.read({A: "# Old\n"}, world.tree("feature/x", {A: "# New\n"}), disks=())
    assert places(reading) == [(A, ("feature/x",)), (A, ("main",))]


def test_a_linked_work_tree_counts_as_its_branch(world: World) -> None:
    world.write(A, "# New\n")
    branch = world.tree("feature/x", {A: "# New\n"})
    reading = world.read({A: "# Old\n"}, branch, disks=[WorkTree("x", "feature/x", str(world.root))])
    assert places(reading) == [(A, ("feature/x",)), (A, ("main",))]


def test_a_work_tree_that_is_behind_says_nothing_new(world: World) -> None:
    world.write(A, "# Old\n")
    old, new = blob_id(b"# Old\n"), blob_id(b"# New\n")
    day = datetime(2026, 3, 2, tzinfo=UTC)
    edit = Commit(CommitId("1" * 40), (), day, "edit", (Change(A, old, new),))
    assert places(world.read({A: "# New\n"}, history=[edit])) == [(A, ("main",))]
    other = WorkTree("x", "feature/x", str(world.root), changed=frozenset({"src/x.py"}))
    assert places(world.read({A: "# New\n"}, disks=[other])) == [(A, ("main",))]
    known = WorkTree("x", "", str(world.root), head={A: old})
    assert places(world.read({A: "# New\n"}, disks=[known])) == [(A, ("main",))]


def test_each_blob_is_understood_once_and_cached(world: World) -> None:
    cache: Cache = {}
    first = world.read({A: "# A\n"}, disks=(), cache=cache)
    assert len(cache) == 1
    assert world.read({A: "# A\n"}, disks=(), cache=cache) == first
    assert len(world.fetched) == 1


def test_order_of_the_input_changes_nothing(world: World) -> None:
    files = {f".swarm/plans/2026-03-0{n}-p{n}.md": f"# P{n}\n" for n in range(1, 8)}
    turned = dict(reversed(files.items()))
    branches = [world.tree(name, files) for name in ("b", "a", "c")]
    assert world.read(files, *branches, disks=()) == world.read(turned, *reversed(branches), disks=())


def test_no_base_and_no_disk(world: World) -> None:
    reading = world.read(None, disks=())
    assert reading == Reading((), (), (), ())


def test_a_generic_folder_needs_three_dated_files(world: World) -> None:
    two = {f"notes/plans/2026-03-0{n}-p.md": "# P\n" for n in (1, 2)}
    assert places(world.read(two, disks=())) == []
    three = {**two, "notes/plans/2026-03-03-q.md": "# Q\n"}
    world.write("notes/plans/2026-03-04-r.md", "# R\n")
    reading = world.read(three)
    assert len(reading.documents) == 4
    assert reading.layouts == ("generic",)


def test_excluded_folders(world: World) -> None:
    world.write("specs/001-a/spec.md", "# A\n")
    assert places(world.read({A: "# A\n"}, exclude=["specs"])) == [(A, ("main",))]


def test_the_date_comes_from_the_name_else_from_the_head(world: World) -> None:
    reading = world.read({A: "**Date**: 2020-01-01\n", "specs/001-a/spec.md": "**Created**: 2026-04-15\n"}, disks=())
    assert [str(d.date) for d in reading.documents] == ["2026-03-02", "2026-04-15"]


def test_ids_are_those_of_git(world: World) -> None:
    file = world.write(A, "# Ä\r\n")
    for kind, sha256 in (("sha1", False), ("sha256", True)):
        repo = world.root.parent / kind
        subprocess.run(["git", "init", "-q", f"--object-format={kind}", str(repo)], check=True)
        out = subprocess.run(
            ["git", "-C", str(repo), "hash-object", "--no-filters", str(file)],
            check=True,
            capture_output=True,
            text=True,
        )
        assert out.stdout.strip() == blob_id(file.read_bytes(), sha256=sha256)


# -- what lies in the way


def unreadable(reading: Reading) -> list[tuple[str, str, str]]:
    return [(p.code, p.path, p.message) for p in reading.problems]


def test_a_link_that_leaves_the_repository_is_not_followed(world: World) -> None:
    secret = world.root.parent / "secret.md"
    world.write("x", "")
    secret.write_text("# Secret\n")
    (world.root / A).parent.mkdir(parents=True)
    (world.root / A).symlink_to(secret)
    reading = world.read({})
    assert titles(reading.documents) == [""]
    assert unreadable(reading) == [("unreadable", A, "a link that leaves the repository, not followed")]


def test_a_link_inside_the_repository_is_read(world: World) -> None:
    world.write("docs/real.md", "# Real\n")
    (world.root / A).parent.mkdir(parents=True)
    (world.root / A).symlink_to("../../docs/real.md")
    reading = world.read({})
    assert titles(reading.documents) == ["Real"]
    assert reading.documents[0].blob == blob_id(b"../../docs/real.md")


@pytest.mark.parametrize("target", ["nowhere.md", "2026-03-02-a.md", "../../.git/config", "/dev/zero"])
def test_links_to_nothing_to_themselves_and_into_git(world: World, target: str) -> None:
    world.write(".git/config", "# C\n")
    (world.root / A).parent.mkdir(parents=True)
    (world.root / A).symlink_to(target)
    reading = world.read({})
    assert titles(reading.documents) == [""]
    assert [p[:2] for p in unreadable(reading)] == [("unreadable", A)]


def test_a_linked_folder_is_not_entered(world: World) -> None:
    outside = World(world.root.parent / "outside")
    outside.write("plans/2026-03-02-a.md", "# A\n")
    world.root.mkdir()
    (world.root / ".swarm").symlink_to(outside.root)
    reading = world.read({})
    assert reading.documents == ()
    assert [(p.code, p.path, p.severity) for p in reading.problems] == [("link", ".swarm", "info")]


def test_a_pipe_a_folder_and_a_socket_in_place_of_a_document(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = world.root / ".swarm/plans"
    (folder / "2026-03-02-dir.md").mkdir(parents=True)
    os.mkfifo(folder / "2026-03-02-pipe.md")
    monkeypatch.chdir(folder)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("2026-03-02-sock.md")
    world.write(A, "# A\n")
    reading = world.read({})
    assert titles(reading.documents) == ["A"], "none of the others is a document"
    assert [p[:2] for p in unreadable(reading)] == [
        ("unreadable", f".swarm/plans/2026-03-02-{name}.md") for name in ("dir", "pipe", "sock")
    ]


def test_a_pipe_in_place_of_a_committed_document_hides_nothing(world: World) -> None:
    (world.root / A).parent.mkdir(parents=True)
    os.mkfifo(world.root / A)
    reading = world.read({A: "# A\n"})
    assert (places(reading), titles(reading.documents)) == ([(A, ("main",))], ["A"])
    assert len(reading.problems) == 1


def test_a_blob_that_git_does_not_have(world: World) -> None:
    reading = read_documents(RULES, base=Tree("main", {A: BlobId("1" * 40)}), fetch=lambda ids: {})
    assert [(d.path, d.text.title) for d in reading.documents] == [(A, "")]
    assert [(p.code, p.path) for p in reading.problems] == [("unreadable", A)]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(world: World) -> None:
    world.write(A, "# A\n").chmod(0)
    assert [p[:2] for p in unreadable(world.read({}))] == [("unreadable", A)]


def test_one_bad_file_hides_no_other(world: World) -> None:
    files = {f".swarm/plans/2026-03-02-p{n}.md": f"---\nstatus: done\n---\n# P{n}\n" for n in range(5)}
    good = world.read(files, disks=())
    bad = world.read({**files, A: "---\na: &x [*x]\n---\n# A\n"}, disks=())
    assert [d for d in bad.documents if d.path != A] == list(good.documents)
    assert [(p.path, p.line) for p in bad.problems] == [(A, 2)]
    assert [d.text.title for d in bad.documents if d.path == A] == ["A"]


@pytest.mark.parametrize(
    "name", ["a\nb", "a\x1b[31mb", "a\u202eb", "a\udcffb", "-rf", "a'b\"c", "a b", "ü", "é", "a$(x)"]
)
def test_names_of_all_sorts(world: World, name: str) -> None:
    path = f".swarm/plans/2026-03-02-{name}.md"
    file = os.fsencode(str(world.root / ".swarm/plans")) + b"/" + os.fsencode(f"2026-03-02-{name}.md")
    (world.root / ".swarm/plans").mkdir(parents=True)
    os.mkfifo(file)
    reading = world.read({path: "# A\n"})
    assert [(d.path, d.text.title) for d in reading.documents] == [(path, "A")]
    assert [p.path for p in reading.problems] == [path]
    assert not any(UNSAFE.search(p.message) for p in reading.problems)


def test_a_huge_file_on_disk_is_named_and_not_read(world: World) -> None:
    file = world.write(A, "# A\n")
    with file.open("r+b") as stream:
        stream.truncate(64 * 1024 * 1024)
    reading = world.read({})
    assert [d.text for d in reading.documents] == [Text(problems=reading.problems)]
    assert unreadable(reading) == [("unreadable", A, "larger than 32 MB")]


# -- the real histories, where they are at hand

CIV = Path(os.environ.get("SWARM_HISTORIES", "none"), "civ")


@pytest.mark.skipif(not CIV.is_dir(), reason="SWARM_HISTORIES does not name a folder with the rebuilt histories")
def test_every_document_of_a_real_history_has_a_title_and_a_date() -> None:
    reading = read_documents(RULES, base=None, worktrees=[WorkTree("civ", "main", str(CIV))], fetch=lambda ids: {})
    assert len(reading.documents) == 122
    assert [d.path for d in reading.documents if not d.text.title or not d.date] == []
    assert reading.problems == ()


def test_a_root_that_is_a_link_inside_the_repository_is_read_where_it_leads(world: World) -> None:
    real = "docs/swarm/plans/2026-03-02-a.md"
    world.write(real, "# A\n")
    world.write("docs/swarm/plans/2026-03-02-b.md", "# B\n")
    (world.root / ".swarm").symlink_to("docs/swarm")
    reading = world.read({real: "# A\n"})
    assert places(reading) == [(real, ("main",)), ("docs/swarm/plans/2026-03-02-b.md", ("worktree:home",))]
    assert {d.layout for d in reading.documents} == {"swarm"}
    assert [(p.code, p.path, p.severity) for p in reading.problems] == [("link", ".swarm", "info")]


@pytest.mark.parametrize("to", [".", "..", ".git", "nowhere", ".swarm"])
def test_a_root_that_leads_to_no_folder_of_its_own_is_not_followed(world: World, to: str) -> None:
    world.write("plans/2026-03-02-a.md", "# A\n")
    (world.root / ".git").mkdir(exist_ok=True)
    (world.root / ".swarm").symlink_to(to)
    assert [d for d in world.read({}).documents if d.layout == "swarm"] == []
