"""Long runs on the command line: shards and merge, reproduce, interrupts, sizes beyond any machine."""

import errno
import json
import shlex
import signal
import subprocess
import sys
import time

import pytest

from nucore.run.piece_folder import PieceFolder

W_POINT = ["--set", "m_chi=1", "--set", "m_phi=3", "--set", "m4=30", "--set", "Umu4=0.3"]
KAON = ["generate", "kaon", "--events", "40000", "--chunk", "8192", "--workers", "1", "--out", "k.root"]


def test_shards_and_merge(answer, run, tmp_path):
    command = ["generate", "w", *W_POINT, "--events", "5000", "--seed", "3"]
    for k in (1, 2):
        written = answer(*command, "--shard", f"{k}/2", "--out", f"w-{k}.root.shard")
        assert written["outputs"] == [f"w-{k}.root.shard"]
        assert written["n_total"] == 5000
    whole = answer(*command, "--out", "whole.root")
    merged = answer("merge", "w-2.root.shard", "w-1.root.shard", "--out", "m.root")
    assert merged["outputs"] == ["m.root"]
    for name in ("n_selected", "cutflow", "histogram", "exposure", "cross_section_pb"):
        assert merged[name] == whole[name]
    for name in ("seed", "card", "card_sha256", "cpu", "sources"):
        assert merged["provenance"][name] == whole["provenance"][name]
    shown = run("merge", "w-1.root.shard", "w-2.root.shard", "--out", "m.root")
    lines = [line for line in shown.out.splitlines() if "  speed  " not in line]
    direct = run(*command, "--out", "m.root").out.splitlines()
    assert lines == [line for line in direct if "  speed  " not in line]


def test_merge_refuses_in_one_line(run, answer, tmp_path):
    answer("generate", "w", "--events", "3000", "--shard", "1/2", "--out", "a.csv.shard", "--histogram-only")
    for arguments, message in (
        (["a.csv.shard", "--out", "m.csv"], "a shard is missing"),
        (["a.csv.shard", "a.csv.shard", "--out", "m.csv"], "twice"),
        (["no.shard", "--out", "m.csv"], "no.shard does not exist"),
        (["a.csv.shard"], "--out"),
        (["--out", "m.csv"], "SHARDS"),
    ):
        outcome = run("merge", *arguments)
        assert outcome.status == 2
        assert message in outcome.err
        assert outcome.err.count("\n") == 1
    assert not (tmp_path / "m.csv").exists()


def test_reproduce(answer, run, tmp_path):
    answer("generate", "w", *W_POINT, "--events", "3000", "--out", "w.json", "--histogram-only")
    found = answer("reproduce", "w.json")
    assert found["identical"] is True
    assert found["differences"] == []
    assert "identical" in run("reproduce", "w.json").out
    content = json.loads((tmp_path / "w.json").read_text())
    content["lepton_pt"]["storage"]["values"][3] += 1
    (tmp_path / "w.json").write_text(json.dumps(content))
    outcome = run("reproduce", "w.json", "--json")
    assert outcome.status == 1
    assert outcome.json["identical"] is False
    assert len(outcome.json["differences"]) == 1
    assert run("reproduce", "w.json").status == 1
    (tmp_path / "no.json").write_text('{"a": 1}')
    outcome = run("reproduce", "no.json")
    assert outcome.status == 2
    assert outcome.err.count("\n") == 1


@pytest.mark.parametrize(
    "command",
    [
        ["model", *W_POINT],
        ["decay", "K+", "mu"],
        ["check", "--ignore", "e949-2015-mu"],
        ["limits", "--m4", "0.25"],
        ["generate", "kaon", "--events", "2000", "--out", "k.root"],
        ["toys", "--experiment", "atlas-2011", *W_POINT, "--n", "5", "--window", "32:48"],
        ["project", "e949", "--grid", "0.01,0.02"],
        ["scan", "--grid", "m4=1,10,100", "--out", "scan.csv"],
    ],
)
def test_answers_are_made_again(run, tmp_path, command):
    outcome = run(*command, "--json")
    assert outcome.status == 0, outcome.err
    assert outcome.json["provenance"]["request"]["function"] == command[0]
    (tmp_path / "answer.json").write_text(outcome.out)
    again = run("reproduce", "answer.json", "--json")
    assert again.status == 0, again.out + again.err
    assert again.json["function"] == command[0]
    (tmp_path / "answer.json").write_text(json.dumps({**outcome.json, "added": 1}))
    assert run("reproduce", "answer.json").status == 1


@pytest.mark.parametrize(
    ("command", "field"),
    [
        (["generate", "kaon", "--events", "100"], "parameters"),
        (["check"], "parameters"),
        (["limits", "--m4", "0.25"], "m4_GeV"),
    ],
)
def test_what_an_answer_says_of_the_question_is_compared(run, tmp_path, command, field):
    outcome = run(*command, "--json")
    (tmp_path / "answer.json").write_text(json.dumps({**outcome.json, field: 1.0}))
    again = run("reproduce", "answer.json", "--json")
    assert again.status == 1
    assert all(line.startswith(field) for line in again.json["differences"])


def test_a_fit_knows_its_data(run, answer, tmp_path):
    answer("generate", "w", *W_POINT, "--luminosity", "0.02", "--out", "w.root", "--histogram-only")
    outcome = run("fit", "w.root:lepton_pt", *W_POINT, "--json")
    (tmp_path / "fit.json").write_text(outcome.out)
    assert answer("reproduce", "fit.json")["identical"]
    answer("generate", "w", *W_POINT, "--luminosity", "0.03", "--out", "w.root", "--histogram-only")
    changed = run("reproduce", "fit.json")
    assert changed.status == 2
    assert "w.root:lepton_pt is missing or has changed" in changed.err


def test_tables_are_made_again(answer, tmp_path):
    answer("scan", "--grid", "m4=1:100:4:log", "--out", "s.csv")
    answer("scan", "--grid", "m4=1:100:4:log", "--out", "s.parquet")
    assert answer("reproduce", "s.csv")["identical"]
    assert answer("reproduce", "s.parquet")["identical"]


def test_an_answer_without_a_run_has_no_request(answer):
    answer("model")
    assert answer("experiments")["provenance"]["request"] is None


def fail_after(monkeypatch, n, error):
    """Let the next run fail after n finished pieces."""
    add = PieceFolder.add

    def failing(self, chunk, content):
        if len(self.chunks()) >= n:
            raise error
        add(self, chunk, content)

    monkeypatch.setattr(PieceFolder, "add", failing)


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (OSError(errno.ENOSPC, "No space left on device"), 1, "No space left on device"),
        (MemoryError(), 1, "not enough memory"),
    ],
)
def test_a_failed_run_says_how_to_go_on(run, tmp_path, monkeypatch, error, status, message):
    with monkeypatch.context() as patched:
        fail_after(patched, 2, error)
        outcome = run(*KAON)
    assert outcome.status == status
    first, second = outcome.err.splitlines()
    assert message in first
    assert str(tmp_path / ".nuportal-work") in second
    assert [p.name for p in tmp_path.iterdir()] == [".nuportal-work"]
    command = shlex.split(second.partition("to go on: ")[2])
    assert command == ["nuportal", KAON[0], "--resume", *KAON[1:]]
    with monkeypatch.context() as patched:  # not doubled
        fail_after(patched, 3, error)
        again = run(*command[1:])
    assert shlex.split(again.err.splitlines()[1].partition("to go on: ")[2]) == command
    without = run(*KAON, "--seed", "1")
    assert without.status == 0
    assert "--resume would use them" in without.err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["k.root"]


def test_sigterm_is_an_interrupt(tmp_path):
    program = (
        "from nucore.run import piece_folder; piece_folder.LONG_RUN_S = 0.0; from nuportal.__main__ import main; main()"
    )
    command = [sys.executable, "-c", program, "generate", "w", "--events", "1e11",
               "--chunk", "1000000", "--histogram-only", "--out", "w.json"]  # fmt: skip
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 120.0
        while not list(tmp_path.glob(".nuportal-work/*/*.piece")):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60.0)
    finally:
        process.kill()
    assert process.returncode == 130
    assert out == ""
    first, second = [line for line in err.splitlines() if "compiling" not in line]
    assert first == "nuportal: interrupted"
    assert "nuportal generate --resume " in second
    assert [p.name for p in tmp_path.iterdir()] == [".nuportal-work"]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["generate", "w", "--events", "1e18"], "1e+13"),
        (["generate", "kaon", "--events", "1e30"], "number of events"),
        (["generate", "w", "--events", "1e400"], "--events"),
        (["generate", "w", "--luminosity", "1e9"], "luminosity"),
        (["generate", "kaon", "--decays", "1e300"], "decays"),
        (["generate", "w", "--chunk", "1e30"], "--chunk"),
        (["generate", "w", "--chunk", "10000000000000"], "items per chunk"),
        (["generate", "w", "--max-memory", "10MB"], "memory"),
        (["generate", "w", "--max-memory", "much"], "memory"),
        (["generate", "w", "--shard", "9/8", "--out", "a.csv"], "9/8"),
        (["generate", "w", "--shard", "1/1e9", "--out", "a.csv"], "1/1e9"),
        (["generate", "w", "--shard", "0/2", "--out", "a.csv"], "0/2"),
        (["generate", "w", "--shard", "1/2"], "--out"),
        (["toys", "--experiment", "atlas-2011", "--n", "1e15"], "toys"),
        (["toys", "--experiment", "atlas-2011", "--n", "0"], "toys"),
        (["toys", "--experiment", "atlas-2011", "--n", "1e400"], "--n"),
    ],
)
def test_sizes_beyond_any_machine(run, tmp_path, arguments, word):
    outcome = run(*arguments)
    assert outcome.status == 2
    assert word in outcome.err
    assert outcome.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
