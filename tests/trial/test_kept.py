from __future__ import annotations

import ast
import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import diagnose
from diagnose.errors import UsageError
from diagnose.report import render_json
from diagnose.settings import Settings, TrialSettings
from diagnose.trial import experiment, fingerprints, run
from diagnose.trial.kept import Shelf, prepare
from diagnose.trial.workers import Job, Outcome, Recipe
from tests.trial.planted import log, task

TINY = Settings(
    trial=TrialSettings(budget="quick", history=10, epochs=1, validation_targets=100, negatives=9)
)
RECIPE = Recipe(TINY.trial, half_life=4.0, fine_tune=False)
JOB = Job("dien", 3)


@pytest.fixture
def heard():
    """What the shelf had to say."""
    return []


@pytest.fixture
def shelf(tmp_path, heard):
    """An empty shelf for a small task."""
    return Shelf.of(tmp_path, task(np.random.default_rng(0), n=20), RECIPE, note=heard.append)


def outcome(shelf, **changed):
    """What a job could have given."""
    rng = np.random.default_rng(1)
    scores = {name: rng.normal(size=shape).astype(np.float32) for name, shape in shelf.shapes.items()}
    told = {"curve": (0.1 + 0.2, 0.7), "best": 0.7, "stopped_early": False, "parameters": 9}
    return Outcome(**{**scores, **told, "train_seconds": 1.5, "score_ms": 0.25, **changed})


def trained(monkeypatch):
    """Records the jobs that are really trained."""
    jobs, honest = [], experiment.train_all

    def train_all(task, missing, **given):
        jobs.extend(missing)
        return honest(task, missing, **given)

    monkeypatch.setattr(experiment, "train_all", train_all)
    return jobs


def test_an_interrupted_trial_goes_on_to_the_same_bytes(tmp_path, heard, monkeypatch):
    """After Ctrl-C what had ended is taken over, the rest is trained, and nothing in the result tells."""
    histories = log(0, users=150, events=12)
    given = {"half_life_events": None, "tie_rate": 0.0}
    whole, _ = run(histories, settings=TINY, **given)
    jobs, ended = trained(monkeypatch), []

    def interrupt(text, share):
        ended.append(text)
        if len(ended) == 6:  # the assembled task, then five trainings
            raise KeyboardInterrupt

    keep = partial(Shelf.of, tmp_path, note=heard.append)
    with pytest.raises(KeyboardInterrupt):
        run(histories, settings=TINY, progress=interrupt, keep=keep, **given)
    assert len(list(tmp_path.glob("*.json"))) == 5
    jobs.clear()
    resumed, timings = run(histories, settings=TINY, keep=keep, **given)
    assert len(jobs) == 15 - 5
    assert render_json(resumed) == render_json(whole)
    assert heard[-1].endswith("5 of 15 trainings taken over.")
    jobs.clear()
    again, same_timings = run(histories, settings=TINY, keep=keep, **given)
    assert (again, same_timings, jobs) == (resumed, timings, [])
    retold = replace(TINY, trial=replace(TINY.trial, minimum_lift=0.02))
    told, _ = run(histories, settings=retold, keep=keep, **given)
    assert (told.minimum_worthwhile_lift, told.arms, jobs) == (0.02, again.arms, [])
    assert not list(tmp_path.glob(".*"))


def test_what_is_kept_comes_back_as_it_was(shelf, heard):
    """Scores to the bit, numbers to the last digit, kinds as they were."""
    given = outcome(shelf)
    shelf.keep(JOB, given)
    back = shelf.taken([JOB, Job("dien", 4)])
    assert list(back) == [JOB]
    assert {k: v for k, v in vars(back[JOB]).items() if k not in shelf.shapes} == {
        k: v for k, v in vars(given).items() if k not in shelf.shapes
    }
    for name in shelf.shapes:
        np.testing.assert_array_equal(getattr(back[JOB], name), getattr(given, name))
        assert getattr(back[JOB], name).dtype == np.float32
    assert heard == [f"{shelf.folder}: 1 of 2 trainings taken over."]


def _file(shelf, ending):
    (path,) = shelf.folder.glob(f"*{ending}")
    return path


def _flipped(shelf):
    path = _file(shelf, "test.npy")
    octets = bytearray(path.read_bytes())
    octets[-1] ^= 1
    path.write_bytes(octets)


def _vouched(shelf, octets):
    """Other bytes of scores, and a JSON that vouches for them."""
    _file(shelf, "test.npy").write_bytes(octets)
    _edited(shelf, lambda document: document["digests"].update(test=fingerprints.digest(octets)))


def _edited(shelf, edit):
    path = _file(shelf, ".json")
    document = json.loads(path.read_text())
    edit(document)
    path.write_text(json.dumps(document))


def _saved(array, **how):
    import io

    buffer = io.BytesIO()
    np.save(buffer, array, **how)
    return buffer.getvalue()


def _replaced_by_a_folder(shelf):
    path = _file(shelf, "test.npy")
    path.unlink()
    path.mkdir()


DAMAGE = {
    "scores cut short": lambda s: _file(s, "test.npy").write_bytes(_file(s, "test.npy").read_bytes()[:-9]),
    "scores with one bit turned": _flipped,
    "no scores": lambda s: _file(s, "training_sample.npy").unlink(),
    "a folder for scores": _replaced_by_a_folder,
    "endless scores": lambda s: _vouched(s, b"\0" * 1_000_000),
    "pickled scores": lambda s: _vouched(s, _saved(np.array([{}], dtype=object), allow_pickle=True)),
    "scores of another shape": lambda s: _vouched(s, _saved(np.zeros((10, 10), np.float32))),
    "scores of another kind": lambda s: _vouched(s, _saved(np.zeros(s.shapes["test"], np.int32))),
    "scores that are no numbers": lambda s: _vouched(
        s, _saved(np.full(s.shapes["test"], np.nan, np.float32))
    ),
    "a text for JSON": lambda s: _file(s, ".json").write_text("no JSON"),
    "an empty JSON": lambda s: _file(s, ".json").write_text(""),
    "another JSON": lambda s: _file(s, ".json").write_text("[1]"),
    "a nested JSON": lambda s: _file(s, ".json").write_text("[" * 100_000),
    "another run's": lambda s: _edited(s, lambda document: document.update(key="0" * 64)),
    "another arm's": lambda s: _edited(s, lambda document: document["job"].update(arm="dnn")),
    "no digests": lambda s: _edited(s, lambda document: document.pop("digests")),
    "no outcome": lambda s: _edited(s, lambda document: document.pop("outcome")),
    "a number missing": lambda s: _edited(s, lambda document: document["outcome"].pop("best")),
    "a number too many": lambda s: _edited(s, lambda document: document["outcome"].update(more=1)),
    "no number": lambda s: _edited(s, lambda document: document["outcome"].update(best=float("nan"))),
    "a text for a number": lambda s: _edited(s, lambda document: document["outcome"].update(best="0.7")),
    "a vast number": lambda s: _edited(s, lambda document: document["outcome"].update(parameters=10**400)),
    "an empty curve": lambda s: _edited(s, lambda document: document["outcome"].update(curve=[])),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_what_is_damaged_is_told_and_trained_again(damage, shelf, heard):
    """Nothing in the folder can crash a trial or be taken for a result; keeping it anew mends it."""
    shelf.keep(JOB, outcome(shelf))
    DAMAGE[damage](shelf)
    assert shelf.taken([JOB]) == {}
    assert "trained again" in heard[0]
    if damage != "a folder for scores":
        shelf.keep(JOB, outcome(shelf))
        assert list(shelf.taken([JOB])) == [JOB]


@pytest.mark.parametrize("entry", [float("nan"), float("inf")])
def test_scores_that_are_no_numbers_are_not_kept(entry, shelf):
    """They would not be believed."""
    broken = outcome(shelf)
    broken.test[0, 0] = entry
    shelf.keep(JOB, broken)
    assert not list(shelf.folder.iterdir())


def test_other_files_are_left_alone_and_counted(shelf, heard):
    """A folder may hold other runs, and things that are none of ours."""
    (shelf.folder / "notes.txt").write_text("mine")
    (shelf.folder / "dien-3-abc.json").write_text("{}")
    shelf.keep(JOB, outcome(shelf))
    assert list(shelf.taken([JOB])) == [JOB]
    assert heard == [f"{shelf.folder}: 1 of 1 trainings taken over; 2 other files there are left alone."]
    assert (shelf.folder / "notes.txt").read_text() == "mine"


def test_a_full_disk_is_told_and_ends_nothing(shelf, heard, monkeypatch):
    """Keeping is a help; that it failed must not cost the training."""
    monkeypatch.setattr("os.fsync", lambda descriptor: (_ for _ in ()).throw(OSError(28, "No space left")))
    shelf.keep(JOB, outcome(shelf))
    assert "No space left" in heard[0]
    assert not list(shelf.folder.iterdir())


CHANGES = {
    "a setting": lambda planted, recipe: (planted, replace(recipe, trial=replace(recipe.trial, dropout=0.2))),
    "the half-life": lambda planted, recipe: (planted, replace(recipe, half_life=5.0)),
    "fine-tuning": lambda planted, recipe: (planted, replace(recipe, fine_tune=True)),
    "the device": lambda planted, recipe: (planted, replace(recipe, device="cuda")),
    "a candidate": lambda planted, recipe: (_with_another_candidate(planted), recipe),
    "an embedding": lambda planted, recipe: (
        replace(planted, item_embeddings=planted.item_embeddings + np.float32(1e-6)),
        recipe,
    ),
}


def _with_another_candidate(planted):
    item = planted.training.item.copy()
    item[0, 1] += 1
    return replace(planted, training=replace(planted.training, item=item))


@pytest.mark.parametrize("change", CHANGES)
def test_what_training_depends_on_is_in_the_key(change, shelf, heard):
    """With anything changed that could change a number nothing is taken over."""
    shelf.keep(JOB, outcome(shelf))
    planted, recipe = CHANGES[change](task(np.random.default_rng(0), n=20), RECIPE)
    assert Shelf.of(shelf.folder, planted, recipe, note=heard.append).taken([JOB]) == {}


@pytest.mark.parametrize("part", ["source", "torch"])
def test_changed_code_takes_nothing_over(part, shelf, heard, monkeypatch):
    """Another source of ours, or another version of PyTorch, is another key."""
    shelf.keep(JOB, outcome(shelf))
    if part == "source":
        monkeypatch.setattr(fingerprints, "source", lambda: "other")
    else:
        monkeypatch.setattr(fingerprints.metadata, "version", lambda name: "99")
    assert (
        Shelf.of(shelf.folder, task(np.random.default_rng(0), n=20), RECIPE, note=heard.append).taken([JOB])
        == {}
    )


def test_arm_and_seed_are_in_the_key(shelf):
    """One arm's scores are not another's, nor one seed's."""
    shelf.keep(JOB, outcome(shelf))
    assert shelf.taken([Job("dien", 4), Job("dnn", 3)]) == {}


def test_the_source_holds_all_that_trains():
    """Every module that a job's numbers could come from lies in the rooms whose source is in the key."""
    package = Path(diagnose.__file__).parent
    reached, waiting = set(), {"diagnose.trial.jobs"}
    while waiting:
        name = waiting.pop()
        reached.add(name)
        path = package.parent / Path(*name.split("."))
        path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("diagnose."):
                waiting |= {node.module} - reached
    outside = {name for name in reached if name.split(".")[1] not in fingerprints.ROOMS}
    outside -= {f"diagnose.{name.removesuffix('.py')}" for name in fingerprints.BESIDE}
    values = {"errors", "results", "settings"}  # numbers of these that reach a job lie in its recipe
    assert "diagnose.predictors.ranking" in reached
    assert {name.split(".")[1] for name in outside} <= values


def test_a_folder_that_cannot_be_written_is_told_at_once(tmp_path):
    """A file in its place is wrong usage; a missing folder is made."""
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="--keep"):
        prepare(tmp_path / "file")
    prepare(tmp_path / "new" / "folder")
    assert (tmp_path / "new" / "folder").is_dir()
