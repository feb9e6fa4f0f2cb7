"""Submit templates: the shell accepts them, and their parts merge to what one run gives."""

import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import uproot

FOLDER = Path(__file__).parents[1] / "samples" / "batch"
SHELL = ("shard.sh", "merge.sh", "generate.slurm")
SHARDS = 3
#: Three shards of one block or more each, so that none is empty.
REQUEST = "generate kaon --set m4=0.25 --set Umu4=0.1 --events 5000"


@pytest.fixture
def site(tmp_path):
    """The templates with a small run, and the commands that a batch system has."""
    for source in FOLDER.iterdir():
        shutil.copy(source, tmp_path)
    script = tmp_path / "shard.sh"
    text, n = re.subn(r"(?m)^run=\(.*\)$", f"run=({REQUEST})", script.read_text())
    assert n == 1
    script.write_text(text)
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    commands = {
        "nuportal": f'exec {shlex.quote(sys.executable)} -c "from nuportal.__main__ import main; main()" "$@"',
        # srun options are those with two dashes before the command
        "srun": 'while [[ $1 == --* ]]; do shift; done; exec "$@"',
        "scontrol": 'echo "$@" >> scontrol.log',
    }
    for name, body in commands.items():
        command = bin_folder / name
        command.write_text(f"#!/usr/bin/env bash\n{body}\n")
        command.chmod(0o755)
    for name in ("shards", "logs"):
        (tmp_path / name).mkdir()
    return tmp_path


def environment(site, **more):
    # kernels are compiled once for all tests of a session, and not in the folder of the templates
    path = f"{site / 'bin'}:/usr/bin:/bin"
    return {"PATH": path, "HOME": str(site), "NUMBA_CACHE_DIR": str(site.parent / "kernels"), **more}


def start(site, *command, **more):
    return subprocess.run(command, cwd=site, env=environment(site, **more), capture_output=True, text=True, check=False)


def slurm_task(site, shard, **more):
    task = {
        "SLURM_ARRAY_TASK_ID": str(shard),
        "SLURM_ARRAY_TASK_COUNT": str(SHARDS),
        "SLURM_ARRAY_JOB_ID": "17",
        "SLURM_CPUS_PER_TASK": "1",
        "SLURM_MEM_PER_NODE": "4096",
    }
    return start(site, "bash", "generate.slurm", **{**task, **more})


def submit_commands(name):
    """Commands of a submit file: values by name, macros not expanded."""
    lines = (line.strip() for line in (FOLDER / name).read_text().splitlines())
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return {key.strip().lower(): value.strip() for key, _, value in pairs}


def expand(text, commands, process):
    """Expand the macros as HTCondor does: $(Process), names of the file, and $INT() of a sum."""
    values = {**commands, "process": str(process)}
    for _ in range(10):
        text = re.sub(r"\$INT\((\w+)\)", lambda m: str(total(expand(f"$({m[1]})", commands, process))), text)
        text = re.sub(r"\$\((\w+)\)", lambda m: values[m[1].lower()], text)
    return text


def total(text):
    return sum(int(part) for part in text.split("+"))


def contents(path):
    with uproot.open(path) as file:
        return file["events"].arrays(library="np"), file["muon_momentum"].values()


@pytest.mark.parametrize("name", SHELL)
def test_the_shell_accepts(name):
    subprocess.run(["bash", "-n", str(FOLDER / name)], check=True)


@pytest.mark.slow
def test_slurm_array_merges_to_the_unsharded_run(site):
    for shard in range(1, SHARDS + 1):
        done = slurm_task(site, shard)
        assert done.returncode == 0, done.stderr
    assert not (site / "scontrol.log").exists()
    merged = start(site, "bash", "-c", "nuportal merge shards/w-*.shard --out merged.root")
    assert merged.returncode == 0, merged.stderr
    whole = start(site, "nuportal", *shlex.split(REQUEST), "--out", "whole.root", "--workers", "2")
    assert whole.returncode == 0, whole.stderr
    (events, counts), (same_events, same_counts) = contents(site / "merged.root"), contents(site / "whole.root")
    assert counts.sum() > 100
    np.testing.assert_array_equal(counts, same_counts)
    assert events.keys() == same_events.keys()
    for name, values in events.items():
        np.testing.assert_array_equal(values, same_events[name], strict=True)


def test_slurm_puts_an_interrupted_task_back_and_leaves_a_failed_one(site):
    (site / "shard.sh").write_text("#!/usr/bin/env bash\nexit 130\n")
    assert slurm_task(site, 2).returncode == 130
    assert (site / "scontrol.log").read_text() == "requeue 17_2\n"
    (site / "shard.sh").write_text("#!/usr/bin/env bash\nexit 2\n")
    assert slurm_task(site, 3).returncode == 2
    assert (site / "scontrol.log").read_text() == "requeue 17_2\n"


@pytest.mark.slow
def test_htcondor_arguments_make_all_shards_and_its_merge_joins_them(site):
    commands = submit_commands("generate.sub") | {"shards": str(SHARDS), "workers": "1"}
    for process in range(SHARDS):
        arguments = expand(commands["arguments"], commands, process)
        assert (arguments[0], arguments[-1]) == ('"', '"')
        done = start(site, "./" + commands["executable"], *shlex.split(arguments[1:-1]), CHECKPOINT_S="600")
        assert done.returncode == 0, done.stderr
        file = expand(commands["transfer_output_files"], commands, process)
        remap = expand(commands["transfer_output_remaps"], commands, process).strip('"')
        old, new = (part.strip() for part in remap.split("="))
        assert old == file
        (site / old).rename(site / new)
        # a checkpoint that HTCondor cannot find holds the job, so something must always be there
        assert (site / commands["transfer_checkpoint_files"]).is_dir()
    merge = submit_commands("merge.sub")
    (site / "scratch").mkdir()
    for shard in (site / merge["transfer_input_files"]).iterdir():
        shard.rename(site / "scratch" / shard.name)
    shutil.copy(site / merge["executable"], site / "scratch")
    joined = subprocess.run(
        ["./" + merge["executable"], merge["out"]], cwd=site / "scratch", env=environment(site), capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert joined.returncode == 0, joined.stderr
    assert (site / "scratch" / merge["out"]).stat().st_size > 0


def test_htcondor_restarts_what_exits_as_interrupted_and_not_bad_input():
    commands = submit_commands("generate.sub")
    assert commands["checkpoint_exit_code"] == "130"
    assert commands["retry_until"] == "2"
    assert commands["request_cpus"] == "$(workers)"
    assert commands["request_memory"] == "$(memory)"


def test_dag_names_submit_files_that_exist():
    words = [line.split() for line in (FOLDER / "generate.dag").read_text().splitlines() if not line.startswith("#")]
    jobs = {line[1]: line[2] for line in words if line[0] == "JOB"}
    assert all((FOLDER / file).is_file() for file in jobs.values())
    assert ["PARENT", "generate", "CHILD", "merge"] in words
    assert {"generate", "merge"} == jobs.keys()


@pytest.mark.slow
def test_a_run_that_is_told_to_stop_keeps_its_pieces_and_resumes(site):
    """SIGTERM, as batch systems send it, ends a shard with status 130; its second start uses what was finished."""
    script = site / "shard.sh"
    endless = "generate kaon --set m4=0.25 --set Umu4=0.1 --events 1e13 --histogram-only --chunk 100000"
    script.write_text(script.read_text().replace(REQUEST, endless))
    first = stopped_when_pieces_are_added(site, {})
    second = stopped_when_pieces_are_added(site, first)
    assert first.items() <= second.items()


def stopped_when_pieces_are_added(site, before):
    """Start a shard, stop it when there are more pieces than `before`; return the times at which they were written."""
    command = ["./shard.sh", "1/2", "shards/k.json.shard", "1", "4GB"]
    work = site / "shards" / ".nuportal-work"
    # CHECKPOINT_S puts `timeout` between the batch system and the run; it must hand the signal on
    run = subprocess.Popen(
        command, cwd=site, env=environment(site, CHECKPOINT_S="900"), stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 300.0
    while not {piece.name for piece in work.glob("*/*.piece")} - before.keys():
        assert run.poll() is None, run.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.05)
    run.send_signal(signal.SIGTERM)
    _, message = run.communicate(timeout=120)
    assert run.returncode == 130, message
    assert "--resume" in message
    return {piece.name: piece.stat().st_mtime_ns for piece in work.glob("*/*.piece")}
