"""Editing random texts: what is put in comes out again, and nothing else moves.

The first was run with 4000 examples, the others with 1500: take ``limits`` away or raise it.
"""

from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from reconciler.hosts.installs import blocks, settings, tomltext
from reconciler.hosts.installs.jsonedit import Draft
from reconciler.hosts.installs.jsontree import parse, plain
from reconciler.hosts.installs.rows import load_rows
from reconciler.hosts.installs.splices import undone
from tests.hosts.install import texts

HOSTS = {host.id: host for host in load_rows().hosts if host.id != "opencode"}


def wanted(host: str, *, server: bool = True) -> settings.Wanted:
    pieces = {piece.kind: piece for piece in HOSTS[host].of("project")}
    hooks, place = pieces["hooks"], pieces["server"]
    at = place.at if server and place.at[0] == "mcpServers" else ()
    return settings.Wanted(host, hooks.groups, hooks.under, hooks.first, place.value if at else None, at)


@given(texts.objects(), st.sampled_from(sorted(HOSTS)))
@limits(max_examples=40)
def test_in_and_out_again_is_as_before(text: str, host: str) -> None:
    want = wanted(host)
    try:
        edit = settings.put_in(Draft(text), want)
    except settings.NotOurs:
        return
    root = parse(edit.draft.text)
    assert sorted(settings.present(root, host)) == sorted(want.events)
    assert not want.server_at or settings.has_server(root, want.server_at)
    assert undone(edit.draft.text, edit.draft.undo) == text
    assert settings.put_in(Draft(edit.draft.text), want).draft.text == edit.draft.text
    out = settings.take_out(edit.draft, host, want.server_at, edit.made)
    out = settings.take_out_first(out, tuple(key for key in want.first if key in edit.made or "*" in edit.made))
    before, after = parse(text), parse(out.text)
    assert after is not None
    assert before is None or plain(out.text, after) == plain(text, before)
    for comment in ("/* c */", "/* } ] */", "// line", "// , {"):
        assert out.text.count(comment) == text.count(comment)


AT = ("mcp_servers", "swarm")
SERVER = {"command": "swarm", "args": ["mcp"]}


@given(texts.tables(), st.sampled_from(["", "\n# mine\n", "\n[after]\nx = 1\n"]))
def test_a_table_goes_in_and_comes_out(text: str, later: str) -> None:
    try:
        before = tomltext.parse(text)
        draft = tomltext.put_in(text, AT, SERVER)
    except (tomltext.BadToml, settings.NotOurs):
        return
    assert draft.text.startswith(text)
    assert tomltext.has_server(draft.text, AT)
    assert tomltext.put_in(draft.text, AT, SERVER).text == draft.text
    assert undone(draft.text, draft.undo) == text
    try:
        tomltext.parse(draft.text + later)
    except tomltext.BadToml:
        return
    out = tomltext.take_out(draft.text + later, AT).text
    newline = "\r\n" if "\r\n" in text else "\n"
    ended = text if not text.removeprefix("\ufeff") or text.endswith("\n") else text + newline
    assert out == ended + later
    assert {k: v for k, v in tomltext.parse(out).items() if k != "after"} == before


@given(texts.pages(), st.sampled_from(["", "more\n"]))
def test_a_block_goes_in_and_comes_out(text: str, later: str) -> None:
    try:
        draft = blocks.put_in(text, "one\ntwo")
    except settings.NotOurs:
        assert "```" in text or "~~~" in text  # a fence that nobody closed
        return
    assert [block.said for block in blocks.find(draft.text)] == ["one\ntwo"]
    assert blocks.put_in(draft.text, "one\ntwo").text == draft.text
    assert undone(draft.text, draft.undo) == text
    newline = "\r\n" if "\r\n" in text else "\n"
    ended = text if not text or text.endswith("\n") else text + newline
    assert blocks.take_out(draft.text + later).text == ended + later
