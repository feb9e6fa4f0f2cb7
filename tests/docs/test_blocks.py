"""Every console, `{run}` and Python block of the README and the documentation runs, one page in one process."""

import matplotlib.pyplot as plt
import pytest

from tests.docs.blocks import PAGES, ROOT, blocks, commands, languages, run_blocks

TEXTS = {page.relative_to(ROOT).as_posix(): page.read_text(encoding="utf-8") for page in PAGES}
#: Blocks that cannot run here, by page; each says why.
NOT_RUN = {
    "README.md": 1,
    "docs/explanation/benchmarks.md": 1,
    "docs/explanation/physics/w-mass.md": 1,
    "docs/explanation/statistics.md": 1,
    "docs/explanation/untrusted-input.md": 1,
    "docs/explanation/validation/w-calibration.md": 1,
    "docs/explanation/validation/w-validation.md": 2,
    "docs/explanation/results/w-observed.md": 1,
    "docs/how-to/clusters.md": 6,
    "docs/how-to/observed-limits.md": 2,
    "docs/how-to/own-experiment.md": 1,
    "docs/index.md": 1,
}


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    plt.close("all")


@pytest.mark.parametrize("page", [name for name, text in TEXTS.items() if any(not b.reason for b in blocks(text))])
def test_the_blocks_of_a_page_run(page, scratch):
    assert run_blocks(TEXTS[page], page) > 0


def test_blocks_that_are_not_run_are_counted():
    left = {name: sum(bool(block.reason) for block in blocks(text)) for name, text in TEXTS.items()}
    assert {name: n for name, n in left.items() if n} == NOT_RUN
    assert sum(not block.reason for text in TEXTS.values() for block in blocks(text)) > 40


@pytest.mark.parametrize("page", TEXTS)
def test_commands_stand_in_blocks_that_run(page):
    assert not {"sh", "bash", "shell", "shell-session"} & set(languages(TEXTS[page]))
    for block in blocks(TEXTS[page]):
        if block.kind in ("console", "{run}"):
            assert commands(block)
            assert all(not line.startswith("$") for line in commands(block))


@pytest.mark.parametrize(
    "text",
    [
        "```console\n$ nuportal limits --m4\n```\n",
        "```console\n$ ls\n```\n",
        "```console\nnuportal experiments\n```\n",
        "```{run}\n:status: 2\n\nnuportal experiments e949\n```\n",
        "```{run}\n:picture: none.png\n\nnuportal experiments e949\n```\n",
        "```python\nassert False\n```\n",
        "```{code-cell}\n!nuportal limits --m4\n```\n",
    ],
)
def test_a_wrong_block_fails(text, scratch):
    with pytest.raises(AssertionError):
        run_blocks(text, "page")


def test_options_and_nested_blocks_are_read():
    text = ":::{grid}\n```{run}\n:status: 2\n:lines: 3\n\nnuportal a \\\n  b\n```\n:::\n```text\nnuportal [X]\n```\n"
    (block,) = blocks(text)
    assert (block.options, commands(block)) == ({"status": "2", "lines": "3"}, ["nuportal a    b"])
