"""Questions of many calculations become batches: none is asked twice, none for nobody, and every worker gets a share."""

from cheap_potentials import copper

from guiapp.engine.batches import BatchSize
from guiapp.engine.open_questions import OpenQuestions

SIZE = BatchSize(atoms=40, frames=6)


def questions(*frames, asker="one"):
    found = OpenQuestions()
    for frame in frames:
        found.ask(frame, asker)
    return found


def batches(open_questions, slots):
    found = []
    while open_questions.waiting:
        found.append([question.frame.n_atoms for question in open_questions.next_batch(SIZE, slots)])
    return found


def test_one_geometry_is_asked_once_for_all_who_want_it():
    found = questions(copper(0), copper(1))
    found.ask(copper(0), "other")
    found.ask(copper(0), "one")
    assert len(found.next_batch(SIZE, 1)) == 2
    assert found.is_open(copper(0).content_hash)
    assert found.close(copper(0).content_hash) == ["one", "other"]
    assert found.close(copper(1).content_hash) == ["one"]
    assert not found
    assert not found.is_open(copper(0).content_hash)


def test_what_nobody_wants_any_more_is_not_computed():
    found = questions(copper(0), copper(1), copper(2))
    found.ask(copper(1), "other")
    found.withdraw("one")
    (question,) = found.next_batch(SIZE, 1)
    assert question.frame.name == "frame 1"
    assert not found.waiting
    found.withdraw("other")  # while it is computed
    assert found.close(copper(1).content_hash) == []


def test_batches_are_full_on_one_worker_and_shared_on_several():
    frames = [copper(k, atoms=10) for k in range(8)]
    assert batches(questions(*frames), slots=1) == [[10] * 4, [10] * 4]
    assert batches(questions(*frames), slots=4) == [[10, 10]] * 4
    assert batches(questions(*frames), slots=100) == [[10]] * 8  # a quarter of a batch is the least
    assert batches(questions(*[copper(k) for k in range(8)]), slots=100) == [[1] * 6, [1] * 2]
    assert batches(questions(copper(0, atoms=90), copper(1, atoms=90)), slots=1) == [[90], [90]]


def test_a_batch_is_filled_by_atoms_or_by_frames():
    assert not questions(copper(0, atoms=30)).fill(SIZE)
    assert questions(copper(0, atoms=30), copper(1, atoms=10)).fill(SIZE)
    assert questions(*[copper(k) for k in range(6)]).fill(SIZE)
    assert not questions(*[copper(k) for k in range(5)]).fill(SIZE)
