"""One paper is one entry, and a picture is refused."""

from pathlib import Path

import pytest

import nuportal
from nuportal.citations.bibtex import entries_of


def test_a_page_with_a_letter_inside_does_not_split_a_paper() -> None:
    (entry,) = entries_of("COMET, PTEP 2020 (2020) 033C01, arXiv:1812.09018")
    assert (entry.kind, entry.fields["pages"], entry.fields["eprint"]) == ("article", "033C01", "1812.09018")


def test_a_picture_records_no_inputs(tmp_path: Path) -> None:
    picture = tmp_path / "check.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(nuportal.InputError, match="a picture records no inputs"):
        nuportal.cite(picture)
