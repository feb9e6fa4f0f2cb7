"""Sphinx directives that run the commands of a page while it is built, and show what they print and draw.

``{run}`` runs the lines of its body one after another, in a scratch folder that all blocks of the page share::

    ```{run}
    :picture: reach.png

    nuportal project atlas-2011 --grid 20,30,40 --plot reach.png
    ```

Each is shown with its output below it, then the pictures. ``:status: 2`` is the exit status to expect (default 0;
another fails the build), ``:lines: 12`` folds what comes after so many lines, ``:picture:`` names files that the
commands wrote, ``:alt:`` describes them, ``:hidden:`` shows these alone. ``{file} mine.toml`` shows its body and
writes it to the scratch folder of the page.

Outputs are kept in ``docs/_build/run``, under a hash of everything that the page has run so far and of the code, so
that only what changed runs again.
"""

import hashlib
import json
import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

PACKAGES = ("collider", "mesons", "nucore", "nuportal")
LANGUAGES = {".csv": "text", ".py": "python", ".toml": "toml"}
COLUMNS = "110"


def code_version(app, config):
    """Set the hash of all code and data of the packages; another one has every page read again."""
    digest = hashlib.sha256()
    for package in PACKAGES:
        for path in sorted(Path(str(files(package))).rglob("*")):
            if path.suffix in (".py", ".toml", ".npz", ".js", ".css", ".html"):
                digest.update(path.read_bytes())
    config.run_code_version = digest.hexdigest()


class Scratch(SphinxDirective):
    """A directive with the scratch folder of its page."""

    has_content = True

    @property
    def folder(self) -> Path:
        """Scratch folder of the page."""
        path = Path(self.env.srcdir) / "_build" / "run" / self.env.docname
        path.mkdir(parents=True, exist_ok=True)
        if not (path / "samples").exists():
            (path / "samples").symlink_to(Path(self.env.srcdir).parent / "samples")
        return path

    def key(self, *parts: str) -> str:
        """Hash of the code and of all that the page has run, up to these parts."""
        before = self.env.temp_data.get("run_key", self.config.run_code_version)
        found = hashlib.sha256("\0".join([before, *parts]).encode()).hexdigest()
        self.env.temp_data["run_key"] = found
        return found


class WriteFile(Scratch):
    """``{file} NAME``: shows its body, and writes it for the commands of the page."""

    required_arguments = 1

    def run(self):
        """Write the file and return its text as a literal block with the name as caption."""
        name, text = self.arguments[0], "\n".join(self.content) + "\n"
        self.key(name, text)
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        language = LANGUAGES.get(path.suffix, "text")
        code = nodes.literal_block(text, text, language=language)
        box = nodes.container("", nodes.caption("", name), code, literal_block=True, classes=["literal-block-wrapper"])
        return [box]


class RunCommand(Scratch):
    """``{run}``: runs its lines, and shows each with its output."""

    option_spec = {  # noqa: RUF012  # docutils reads it so
        "alt": directives.unchanged,
        "hidden": directives.flag,
        "lines": directives.positive_int,
        "picture": directives.unchanged,
        "status": directives.nonnegative_int,
    }

    def run(self):
        """Return commands, outputs and pictures."""
        text = "\n".join(self.content).replace("\\\n", "\\\0")
        commands = [line.replace("\\\0", "\\\n") for line in text.splitlines() if line.strip()]
        store = self.folder / f".{self.key(*commands)[:32]}.json"
        if not store.exists():
            store.write_text(json.dumps([self.output(command) for command in commands]), encoding="utf-8")
        shown: list[nodes.Node] = []
        for command, output in zip(commands, json.loads(store.read_text(encoding="utf-8")), strict=True):
            shown.append(nodes.literal_block("", f"$ {command}", language="console"))
            shown += self.printed(output)
        if "hidden" in self.options:
            shown = []
        for name in self.options.get("picture", "").split():
            if not (self.folder / name).is_file():
                raise self.error(f"no picture {name} was made")
            alt = self.options.get("alt", f"What the command draws: {name}")
            shown.append(nodes.image(uri=f"/_build/run/{self.env.docname}/{name}", alt=alt, classes=["run-picture"]))
        return shown

    def output(self, command: str) -> str:
        """Run a command and return what it prints, or fail where its status is not the expected one."""
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        env = os.environ | {"PATH": path, "COLUMNS": COLUMNS, "NO_COLOR": "1", "MPLBACKEND": "Agg"}
        done = subprocess.run(
            command, shell=True, cwd=self.folder, env=env, text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        if done.returncode != self.options.get("status", 0):
            raise self.error(f"{command}: exit status {done.returncode}\n{done.stdout}")
        return done.stdout.replace(f"{self.folder}/", "").rstrip()

    def printed(self, output: str) -> list[nodes.Node]:
        """Nodes of an output, what is beyond the limit of lines folded."""
        if not output:
            return []
        limit = self.options.get("lines", 24)
        lines = output.splitlines()
        head, rest = (lines, []) if len(lines) <= limit + 3 else (lines[:limit], lines[limit:])
        found = [self.literal(head)]
        if rest:
            opening = f'<details class="run-more"><summary>{len(rest)} more lines</summary>'
            found += [nodes.raw("", opening, format="html"), self.literal(rest)]
            found.append(nodes.raw("", "</details>", format="html"))
        return found

    def literal(self, lines: list[str]) -> nodes.literal_block:
        """One block of output."""
        text = "\n".join(lines)
        return nodes.literal_block(text, text, language="text", classes=["run-output"])


def setup(app):
    """Register the directives."""
    app.add_config_value("run_code_version", "", "env")
    app.connect("config-inited", code_version)
    app.add_directive("run", RunCommand)
    app.add_directive("file", WriteFile)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
