"""Editing JSON with comments: what is put in comes out again, and nothing else moves."""

from hypothesis import given
from hypothesis import strategies as st

from reconciler.hosts.installs import settings
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
    return settings.Wanted(host, hooks.groups, hooks.first, place.value if at else None, at)


@given(texts.objects(), st.sampled_from(sorted(HOSTS)))
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
