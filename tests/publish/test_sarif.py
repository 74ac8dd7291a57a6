"""Findings as SARIF 2.1.0 and as GitHub workflow commands: the shape, the escapes, the places."""

import json
import re
from urllib.parse import unquote_to_bytes

from hypothesis import given
from hypothesis import strategies as st

from reconciler.model import Finding
from reconciler.policy import CheckRule
from reconciler.publish.projections import to_json
from reconciler.publish.sarif import NOWHERE, annotations, sarif

RULES = (CheckRule("drift", "Words against evidence", "", "{message}"), CheckRule("orphan", "Orphans", "warning", "x"))
DRIFT = Finding(
    "claims-done", "drift", "error", "fog says done", ".swarm/plans/fog of war.md", 4, "fog", "swarm show fog"
)
ORPHAN = Finding("orphan", "orphan", "warning", "no plan", "a.md", place="feature/x")
BRANCH = Finding("leftover-branch", "left", "info", "branch x has landed", workstream="fog")
TEXTS = st.text(max_size=40) | st.sampled_from(
    ["a\nb", "::error::x", "100%", "%0A", "\x1b[2J", "\u202e", "a,b:c", "\udc80"]
)
FINDINGS = st.builds(
    Finding, id=TEXTS.filter(bool), check=st.just("drift"), severity=st.sampled_from(["error", "warning", "info"]),
    text=TEXTS, path=TEXTS, line=st.integers(0, 9), workstream=TEXTS, hint=TEXTS, place=TEXTS,
)  # fmt: skip


def test_a_log_as_a_whole() -> None:
    log = sarif((DRIFT,), RULES, version="1.2")
    prints = log["runs"][0]["results"][0].pop("partialFingerprints")
    assert re.fullmatch("[0-9a-f]{32}", prints["swarmFinding/v1"])
    level = {"level": "error"}
    rule = {"id": "claims-done", "shortDescription": {"text": "Words against evidence"}, "defaultConfiguration": level}
    place = {"artifactLocation": {"uri": ".swarm/plans/fog%20of%20war.md"}, "region": {"startLine": 4}}
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("/sarif-schema-2.1.0.json")
    assert log["runs"] == [
        {
            "tool": {"driver": {"name": "swarm", "version": "1.2", "rules": [rule]}},
            "columnKind": "unicodeCodePoints",
            "results": [
                {
                    "ruleId": "claims-done",
                    "ruleIndex": 0,
                    "level": "error",
                    "message": {"text": "fog says done. Try: swarm show fog"},
                    "locations": [
                        {
                            "physicalLocation": place,
                            "logicalLocations": [{"fullyQualifiedName": "fog", "kind": "module"}],
                        }
                    ],
                }
            ],
        }
    ]


def test_what_is_about_no_file_has_a_place_nevertheless() -> None:
    def uri(**more: dict[str, str]) -> str:
        result = sarif((BRANCH,), RULES, version="1", **more)["runs"][0]["results"][0]
        assert result["level"] == "note"
        return str(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])

    assert uri() == NOWHERE
    assert uri(anchors={"fog": "plans/fog.md"}) == "plans/fog.md"


def test_a_finding_that_moves_keeps_its_fingerprint() -> None:
    def prints(finding: Finding) -> dict[str, str]:
        found: dict[str, str] = sarif((finding,), RULES, version="1")["runs"][0]["results"][0]["partialFingerprints"]
        return found

    moved = Finding("orphan", "orphan", "warning", "no plan", "a.md", 99)
    assert prints(moved) == prints(ORPHAN)
    assert prints(Finding("orphan", "orphan", "warning", "no plan", "b.md")) != prints(ORPHAN)


def test_an_empty_log_is_one() -> None:
    assert sarif((), RULES, version="1")["runs"][0]["results"] == []


def test_a_path_that_is_not_utf8_keeps_its_bytes() -> None:
    log = sarif((Finding("a", "drift", "info", "t", "caf\udce9/x.md"),), RULES, version="1")
    uri = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert unquote_to_bytes(uri) == b"caf\xe9/x.md"


@given(st.lists(FINDINGS, max_size=5))
def test_any_log_is_json_with_whole_references(findings: list[Finding]) -> None:
    log = json.loads(to_json(sarif(findings, RULES, version="1")))
    run = log["runs"][0]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].isascii()
        assert result["locations"][0]["physicalLocation"]["region"]["startLine"] >= 1


def test_annotations_as_a_whole() -> None:
    assert annotations((DRIFT, ORPHAN, BRANCH)) == (
        "::error file=.swarm/plans/fog of war.md,line=4,title=claims-done::fog says done. Try: swarm show fog\n"
        "::warning file=a.md,title=orphan::no plan (in feature/x)\n"
        "::notice title=leftover-branch::branch x has landed\n"
    )


def test_annotations_escape_what_the_runner_reads() -> None:
    nasty = Finding("a,b", "drift", "error", "100%\r\n::error::x", "a:b,c%\n.md", 1)
    assert annotations((nasty,)) == "::error file=a%3Ab%2Cc%25%0A.md,line=1,title=a%2Cb::100%25%0D%0A::error::x\n"


@given(FINDINGS)
def test_an_annotation_is_one_line_and_one_command(finding: Finding) -> None:
    text = annotations((finding,))
    assert text.endswith("\n")
    assert len(text.splitlines()) == 1
    assert re.match(r"::(error|warning|notice) [^\x00-\x1f]*::", text)
    assert "\x1b" not in text
