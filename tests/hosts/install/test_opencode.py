"""The OpenCode plugin, run by node with the real command behind it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.gitrepo import sealed
from tests.hosts.install.world import desk

DRIVE = """
import { SwarmPlugin } from "%s"
const hooks = await SwarmPlugin({ directory: process.cwd() })
const sessionID = "ses_1"
await hooks.event({ event: { type: "session.created", properties: { info: { id: sessionID } } } })
await hooks.event({ event: { type: "session.created", properties: { info: { id: "ses_sub", parentID: sessionID } } } })
const said = { parts: [{ type: "text", text: "hello", sessionID, messageID: "msg_1" }] }
await hooks["chat.message"]({ sessionID }, said)
await hooks["chat.message"]({ sessionID: "ses_sub" }, { parts: [] })
const env = { env: {} }
await hooks["shell.env"]({ cwd: ".", sessionID }, env)
const tried = []
for (const [tool, filePath] of [["write", ".swarm/workstreams.json"], ["write", "a.txt"], ["read", "x"]]) {
  try {
    await hooks["tool.execute.before"]({ tool, sessionID }, { args: { filePath } })
    tried.push("")
  } catch (error) {
    tried.push(error.message)
  }
}
await hooks.event({ event: { type: "session.idle", properties: { sessionID } } })
await hooks.event({ event: { type: "unknown" } })
console.log(JSON.stringify({ parts: said.parts, env: env.env, tried }))
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node, which swarm itself does not")
def test_a_session_of_opencode(tmp_path: Path) -> None:
    at = desk(tmp_path)
    at.repo.idea("sea")
    assert at.swarm("install", "opencode").code == 0
    assert at.swarm("reconcile").code == 0
    plugin = tmp_path / "swarm.mjs"
    plugin.write_bytes((at.repo.path / ".opencode/plugins/swarm.js").read_bytes())
    drive = tmp_path / "drive.mjs"
    drive.write_text(DRIVE % plugin.as_uri())

    def run(path: str) -> dict[str, object]:
        env = {**sealed(at.home), "PATH": path}
        node = str(shutil.which("node"))
        done = subprocess.run([node, str(drive)], cwd=at.repo.path, env=env, capture_output=True, text=True, check=True)
        found: dict[str, object] = json.loads(done.stdout)
        return found

    usual = os.environ.get("PATH", os.defpath)
    told = run(f"{Path(sys.executable).parent}:{usual}")
    first, second = told["parts"]  # type: ignore[misc]
    assert first["text"] == "hello"
    assert second["synthetic"]
    assert "sea" in second["text"]
    assert told["env"] == {"SWARM_SESSION": "ses_1"}
    denied, *rest = told["tried"]  # type: ignore[misc]
    assert "swarm reconcile" in denied
    assert rest == ["", ""]
    there = at.swarm("instances", "--json").json["instances"]
    assert [row["sessionId"] for row in there] == ["ses_1"]
    without = run("/nowhere")  # no swarm: OpenCode goes on as if there were no plugin
    assert (len(without["parts"]), without["tried"]) == (1, ["", "", ""])  # type: ignore[arg-type]
