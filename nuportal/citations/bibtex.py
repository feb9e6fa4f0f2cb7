"""BibTeX entries of the references that data files state; nothing is added that they do not say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

_NAME = r"(?:[A-Z]\.[ -]?)+ ?[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)*"
_AUTHORS = rf"(?:(?P<authors>{_NAME}(?:, {_NAME})*(?: et al\.)?), )?"
_JOURNAL = r"(?P<journal>(?:[A-Z][A-Za-z]*\.? )*?(?:[A-Z][a-z]+\.?|JHEP|PTEP)(?: [A-Z]\.?){0,2}) (?P<volume>\d+)"
_PREPRINT = r"(?:arXiv:(?P<arxiv>\d{4}\.\d{4,5})|(?P<old>(?:hep|astro|nucl|gr|cond)-[a-z]{2,4}/\d{7}))"
_DOI = r"doi:(?P<doi>10\.\d{4,9}/[^\s,;]+)"
_PUBLISHED = re.compile(
    rf"{_AUTHORS}{_JOURNAL} \((?P<year>\d{{4}})\) (?P<pages>[A-Z]?\d+(?:[A-Z]\d+)?)(?:, (?:{_PREPRINT}|{_DOI}))?"
)
_NUMBERED = re.compile(rf"{_AUTHORS}(?:{_PREPRINT}|{_DOI})")
_LISTINGS = re.compile(r"PDG (?P<year>\d{4})")
_SPECIAL = {"\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", **{c: f"\\{c}" for c in "&%$#_"}} | {
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "|": r"\textbar{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
}
#: Inputs named beside an entry.
_NAMED = 6


@dataclass(frozen=True)
class Entry:
    """An entry of a bibliography.

    Attributes
    ----------
    key : str
        ``arXiv:`` and the number, else ``doi:`` and the DOI, else journal and page: never a digit first, which some
        programs refuse.
    kind : str
        ``article`` or ``misc``.
    fields : mapping
        Plain text by name.
    used_for : tuple of str
        Inputs that state it.
    """

    key: str
    kind: str
    fields: Mapping[str, str]
    used_for: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """The reference in a line."""
        f = self.fields
        published = f"{f.get('journal', '')} {f.get('volume', '')} ({f.get('year')}) {f.get('pages', '')}"
        parts = [f.get("author", ""), f.get("title", ""), published if "journal" in f else f.get("note", "")]
        parts += [f"arXiv:{f['eprint']}" if "eprint" in f else "", f"doi:{f['doi']}" if "doi" in f else ""]
        return ", ".join(part for part in parts if part)

    def text(self) -> str:
        """Entry as BibTeX, with a comment that says what it is for."""
        lines = [
            f"  {name} = {{{value if name in _VERBATIM else escaped(value)}}}" for name, value in self.fields.items()
        ]
        entry = f"@{self.kind}{{{self.key},\n" + ",\n".join(lines) + "\n}"
        more = len(self.used_for) - _NAMED
        named = ", ".join(self.used_for[:_NAMED]) + (f" and {more} more" if more > 0 else "")
        return f"% {_comment(named)}\n{entry}" if named else entry


#: Fields that BibTeX styles do not typeset as text, or whose braces are meant.
_VERBATIM = frozenset({"eprint", "archivePrefix", "doi", "year", "url"})


def escaped(text: str) -> str:
    """Text with the characters that LaTeX reads as commands escaped, on one line."""
    return "".join(_SPECIAL.get(c, c) for c in " ".join(text.split()))


def _comment(text: str) -> str:
    return " ".join(text.replace("@", " at ").split())


@dataclass
class Bibliography:
    """Entries, each once."""

    found: dict[str, Entry] = field(default_factory=dict)

    def add(self, entry: Entry, used_for: str = "") -> None:
        """Add an entry, or what it says beyond the one of the same key; an article wins over a preprint."""
        old = self.found.get(entry.key)
        names = (old.used_for if old else ()) + ((used_for,) if used_for else ())
        if old is None:
            merged = entry
        elif old.kind == "article" or entry.kind == "misc":
            merged = replace(old, fields={**entry.fields, **old.fields})
        else:
            merged = replace(entry, fields={**old.fields, **entry.fields})
        self.found[entry.key] = replace(merged, used_for=tuple(dict.fromkeys(names)))

    def add_reference(self, text: str, used_for: str, whole: bool = False) -> None:
        """Add what a reference names.

        Parameters
        ----------
        text : str
        used_for : str
        whole : bool
            It is one work, to be noted as it stands where it has neither number nor journal.
        """
        entries = entries_of(text)
        if not entries and whole:
            entries = (Entry(f"note:{_slug(text)[:60]}", "misc", {"note": text}),)
        for entry in entries:
            self.add(entry, used_for)

    def entries(self) -> tuple[Entry, ...]:
        """Entries in the order in which they were added."""
        return tuple(self.found.values())


def entries_of(text: str) -> tuple[Entry, ...]:
    """Entries of the works that a reference names by preprint, DOI, journal, or as listings of a year."""
    found: list[Entry] = []
    for pattern in (_PUBLISHED, _NUMBERED, _LISTINGS):
        while match := pattern.search(text):
            found.append(_entry(match.groupdict()))
            text = text[: match.start()] + " ; " + text[match.end() :]
    return tuple(found)


def _entry(parts: Mapping[str, str | None]) -> Entry:
    given = {name: value for name, value in parts.items() if value}
    if set(given) == {"year"}:
        note = f"Particle Data Group, {given['year']}"
        return Entry(f"PDG:{given['year']}", "misc", {"year": given["year"], "note": note})
    fields = {}
    if "authors" in given:
        people = re.split(r", ", given["authors"].removesuffix(" et al."))
        fields["author"] = " and ".join([*people, *(["others"] if given["authors"].endswith(" et al.") else [])])
    fields |= {name: given[name] for name in ("journal", "volume", "year", "pages") if name in given}
    if preprint := given.get("arxiv", given.get("old")):
        fields |= {"eprint": preprint, "archivePrefix": "arXiv"}
    if "doi" in given:
        fields["doi"] = _balanced(given["doi"])
    journal = _slug(f"{given.get('journal', '')}:{given.get('volume', '')}:{given.get('pages', '')}")
    key = f"arXiv:{preprint}" if preprint else f"doi:{fields['doi']}" if "doi" in fields else journal
    return Entry(re.sub(r"[^\w.:/+-]", "-", key), "article" if "journal" in given else "misc", fields)


def _balanced(doi: str) -> str:
    """DOI without the punctuation of the sentence around it."""
    doi = doi.rstrip(".:")
    return doi[:-1] if doi.endswith(")") and doi.count(")") > doi.count("(") else doi


def _slug(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9:-]+", "", text.replace(" ", "-")).replace("--", "-")


def bibtex(entries: Iterable[Entry]) -> str:
    """File of entries."""
    return "\n\n".join(entry.text() for entry in entries) + "\n"
