"""Blocks of code in the pages of the documentation, and how each kind is run."""

import contextlib
import os
import re
import shlex
import traceback
import warnings
from dataclasses import dataclass
from pathlib import Path

from nuportal.cli import main

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted(p for p in (ROOT / "docs").rglob("*.md") if "_build" not in p.parts)]

#: A fence at any depth of colon fences, and before it the reason why its block cannot run here.
_FENCE = re.compile(
    r"^(?:<!-- not run: (?P<reason>[^>\n]+) -->\n)?(?P<ticks>`{3,})(?P<info>[^\n`]*)\n(?P<body>.*?)^(?P=ticks) *$",
    re.MULTILINE | re.DOTALL,
)
_OPTION = re.compile(r"^:(\w+): ?(.*)\n", re.MULTILINE)
_KINDS = ("{run}", "{file}", "{code-cell}", "console", "python")


@dataclass(frozen=True)
class Block:
    """A block that readers may run: its kind, argument, options, body, and why it is not run here (empty: it is)."""

    kind: str
    argument: str
    options: dict[str, str]
    body: str
    reason: str


def blocks(text: str) -> list[Block]:
    """Blocks of a page that can be run, in its order."""
    found = []
    for match in _FENCE.finditer(text):
        kind, _, argument = match["info"].strip().partition(" ")
        if kind not in _KINDS:
            continue
        body, options = match["body"], {}
        while kind.startswith("{") and (option := _OPTION.match(body)):
            options[option[1]] = option[2]
            body = body[option.end() :]
        found.append(Block(kind, argument, options, body, match["reason"] or ""))
    return found


def languages(text: str) -> list[str]:
    """Languages and directives of all fences of a page."""
    return [match["info"].strip().partition(" ")[0] for match in _FENCE.finditer(text)]


def commands(block: Block) -> list[str]:
    """Command lines of a block, with their continuations joined and without prompt."""
    lines = [line for line in block.body.replace("\\\n", " ").splitlines() if line.strip()]
    if block.kind == "console":
        assert all(line.startswith("$ ") for line in lines), f"a console block has lines without a prompt: {lines}"
        lines = [line.removeprefix("$ ") for line in lines]
    return lines


def run_command(line: str, status: int = 0) -> None:
    """Run a command line of this package in this process; patterns of files and ``> FILE`` are those of a shell."""
    words = shlex.split(line, comments=True)
    assert words[0] == "nuportal", f"{line}: say before its block why it is not run"
    target = os.devnull
    if ">" in words:
        words, (target,) = words[: words.index(">")], words[words.index(">") + 1 :]
    arguments = [
        name for word in words[1:] for name in (sorted(map(str, Path().glob(word))) if "*" in word else [word])
    ]
    with Path(target).open("w", encoding="utf-8") as out, contextlib.redirect_stdout(out):
        try:
            main(arguments)
        except SystemExit as end:
            found = end.code or 0
        else:
            found = 0
    assert found == status, f"{line}: exit status {found}, not {status}"


def run_blocks(text: str, name: str) -> int:
    """Run the blocks of a page in the working directory, and return how many were run."""
    names: dict[str, object] = {"__name__": "page"}
    n = 0
    for block in blocks(text):
        if block.reason:
            continue
        n += 1
        if block.kind == "{file}":
            Path(block.argument).parent.mkdir(parents=True, exist_ok=True)
            Path(block.argument).write_text(block.body, encoding="utf-8")
        elif block.kind in ("console", "{run}"):
            for line in commands(block):
                run_command(line, int(block.options.get("status", 0)))
            for picture in block.options.get("picture", "").split():
                assert Path(picture).is_file(), f"{name}: no picture {picture}"
        else:
            _run_python(block.body, name, names)
    return n


def _run_python(body: str, name: str, names: dict[str, object]) -> None:
    """Run Python, and commands of a notebook that begin with ``!``."""
    code = re.sub(r"^!(.*)$", lambda match: f"__run_command({match[1]!r})", body, flags=re.MULTILINE)
    names["__run_command"] = run_command
    with (
        Path(os.devnull).open("w", encoding="utf-8") as out,
        contextlib.redirect_stdout(out),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore", DeprecationWarning)  # of libraries, as a reader's Python does
        try:
            exec(compile(code, name, "exec"), names)
        except Exception as error:
            raise AssertionError(f"{name}:\n{body}\n{traceback.format_exc()}") from error
