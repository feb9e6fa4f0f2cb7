"""One paper is one entry, and a picture is refused."""

from pathlib import Path

import pytest

import nuportal
from nuportal.citations.bibtex import entries_of


def test_a_page_with_a_letter_inside_does_not_split_a_paper() -> None:
    (entry,) = entries_of("COMET, PTEP 2020 (2020) 033C01, arXiv:1812.09018")
    assert (entry.kind, entry.fields["pages"], entry.fields["eprint"]) == ("article", "033C01", "1812.09018")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\x89PNG\r\n\x1a\n", "a picture records no inputs"),
        (b'<?xml version="1.0"?>\n<!-- a comment -->\n<svg/>', "a picture records no inputs"),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<svg>\xff</svg>', "a picture records no inputs"),
        (b'<?xml version="1.0"?>\n<a/>', "no provenance found"),
        ('<?xml version="1.0" encoding="utf-16"?>\n<a/>'.encode("utf-16"), "expected text in UTF-8, ROOT or Parquet"),
        (b"\x92\x00\x01", "expected text in UTF-8, ROOT or Parquet"),
    ],
)
def test_what_has_no_record_is_one_clear_line(tmp_path: Path, content: bytes, told: str) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    with pytest.raises(nuportal.InputError, match=told) as caught:
        nuportal.cite(file)
    assert "codec" not in str(caught.value)
