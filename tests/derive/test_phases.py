"""How far a workstream got."""

from reconciler.derive.groups import Group, Member
from reconciler.derive.phases import Progress, read_progress
from reconciler.model import Document, Phase, Text
from tests.derive.make import document

PHASES = (Phase("1", "a", 3, 0, 2), Phase("2", "b", 9, 0, 2), Phase("3", "c", 15, 0, 2))


def progress(*documents: Document) -> Progress:
    return read_progress(Group("x", tuple(Member(d, (d,), "") for d in documents)))


def test_boxes_and_checkpoints_whichever_is_further() -> None:
    ticked = (Phase("1", "a", 3, 2, 2), *PHASES[1:])
    plan = document("x", text=Text(phases=ticked, boxes_done=2, boxes_total=6))
    checkpoint = document("x", "checkpoint", phase="2", text=Text(claim="done"))
    found = progress(plan, checkpoint)
    assert (found.text, found.current, found.checked) == ("2/3", 3, 1)


def test_a_checkpoint_for_all_phases_closes_them() -> None:
    assert progress(document("x", text=Text(phases=PHASES)), document("x", "checkpoint", phase="all")).text == "3/3"


def test_a_checkpoint_for_a_span_and_one_in_progress() -> None:
    plan = document("x", text=Text(phases=PHASES))
    span = document("x", "checkpoint", phase="2-3")
    begun = document("x", "checkpoint", phase="1", text=Text(claim="in-progress"))
    assert progress(plan, span, begun).finished == 2


def test_the_total_may_stand_in_the_checkpoints_alone() -> None:
    found = progress(document("x", "checkpoint", phase="1", text=Text(phase_of=("1", "4"))))
    assert (found.text, found.current) == ("1/4", 2)


def test_nothing_known_is_nothing_said() -> None:
    assert progress(document("x")) == Progress()
