"""Text files of columns, as people, spreadsheets and hepdata.net write them."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import numpy as np
import pytest

from nucore.errors import InputError
from nucore.io.readers import SpectrumFile, read_bins, read_error, read_errors, read_matrix, read_spectrum

ROWS = ["30,30.5,322,18", "30.5,31,310,17.5", "31,31.5,277,16.5"]
PLAIN = "low,high,value,error\n" + "\n".join(ROWS) + "\n"


def _read(folder: Path, text: str, column: str = "", name: str = "t.csv") -> SpectrumFile:
    (folder / name).write_bytes(text.encode())
    return read_spectrum(f"{folder / name}{column}")


def _check(found: SpectrumFile, variances: list[float] | None = None) -> None:
    assert found.spectrum.edges == pytest.approx([30, 30.5, 31, 31.5])
    assert found.spectrum.values == pytest.approx([322, 310, 277])
    assert found.spectrum.variances == pytest.approx(variances or [324, 306.25, 272.25])
    assert found.has_variances


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        "\ufeff" + PLAIN.replace("\n", "\r\n"),
        PLAIN.replace(",", ";"),
        PLAIN.replace(".5", ",5").replace("30,30", "30;30").replace(",", ";").replace(";5", ",5"),
        PLAIN.replace(",", "\t"),
        PLAIN.replace(",", "   "),
        PLAIN.replace(",", " , "),
        PLAIN.replace("\n", ",\n"),
        '"low","high","value","error"\n' + PLAIN.partition("\n")[2].replace("322", '"322"'),
        "# made by hand\n\n// by me\n" + PLAIN.replace("\n", "  # a row\n").replace("  # a row", "", 1),
        "# low high value error\n" + PLAIN.partition("\n")[2].replace(",", "  "),
        ",low,high,value,error\n" + "\n".join(f"{k},{row}" for k, row in enumerate(ROWS)),
    ],
    ids=["csv", "bom-crlf", "semicolon", "decimal-comma", "tab", "blanks", "spaced", "trailing", "quoted", "comments",
         "comment-header", "index"],
)  # fmt: skip
def test_separators_comments_and_line_ends(tmp_path: Path, text: str) -> None:
    _check(_read(tmp_path, text))


@pytest.mark.parametrize(
    "header",
    ["low,high,value,error", "xlow,xhigh,val,stat", "bin_low,bin_high,counts,err", "pt_min,pt_max,n,sigma",
     "Low Edge,High Edge,Entries,Stat. Error", "left,right,y,dy", "pt_low_GeV,pt_high_GeV,n,n_err",
     "lo,hi,N,N_stat_unc",
     "pT [GeV] low,pT [GeV] high,events,uncertainty", "bin_lower_edge,bin_upper_edge,h,std_dev", "from,to,events,yerr"],
)  # fmt: skip
@pytest.mark.parametrize("order", [(0, 1, 2, 3), (2, 3, 0, 1)])
def test_names_of_columns(tmp_path: Path, header: str, order: tuple[int, ...]) -> None:
    lines = [line.split(",") for line in (header, *ROWS)]
    _check(_read(tmp_path, "\n".join(",".join(line[k] for k in order) for line in lines)))


@pytest.mark.parametrize("name", ["variance", "var", "sumw2", "variances", "value_variance"])
def test_variances_are_no_errors(tmp_path: Path, name: str) -> None:
    _check(_read(tmp_path, PLAIN.replace("error", name)), [18, 17.5, 16.5])


@pytest.mark.parametrize("names", ["errminus,errplus", "stat_down,stat_up", "err_lo,err_hi", "stat -,stat +"])
def test_asymmetric_errors_are_averaged(tmp_path: Path, names: str) -> None:
    found = _read(tmp_path, f"xlow,xhigh,val,{names}\n30,30.5,322,-17,19\n30.5,31,310,17,18\n31,31.5,277,16,17\n")
    _check(found)
    assert read_errors(tmp_path / "t.csv")["stat"] == pytest.approx([18, 17.5, 16.5])


def test_systematic_errors_are_no_variances(tmp_path: Path) -> None:
    text = "low,high,n,stat,syst,lumi_err\n1,2,100,11,5,2%\n2,3,50,7,3,2%\n"
    found = _read(tmp_path, text)
    assert found.spectrum.variances == pytest.approx([121, 49])
    assert found.metadata["other_errors"] == ["lumi", "sys"]
    assert read_error(tmp_path / "t.csv", "lumi").values == pytest.approx([2, 1])


def test_errors_belong_to_the_column_that_they_name(tmp_path: Path) -> None:
    text = "low,high,plus,plus_stat,minus,minus_stat\n1,2,100,11,80,10\n2,3,50,7,40,6\n"
    assert _read(tmp_path, text, ":plus").spectrum.variances == pytest.approx([121, 49])
    assert _read(tmp_path, text, ":minus").spectrum.variances == pytest.approx([100, 36])
    assert read_bins(f"{tmp_path / 't.csv'}:plus_stat").values == pytest.approx([11, 7])
    with pytest.raises(InputError, match="one of plus, minus, plus_stat, minus_stat"):
        _read(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("30.25,322\n30.75,310\n31.25,277", "bins of width 0.5 around the centres"),
        ("center,value\n30.25,322\n30.75,310\n31.25,277", "bins of width 0.5 around the centres"),
        ("x;n\n30.25;322\n30.75;310\n31.25;277", "bins of width 0.5 around the centres"),
        ("bin,n\n30.25,322\n30.75,310\n31.25,277", "bins of width 0.5 around the centres of bin in the file"),
        (
            "pt [GeV],n\n30.25,322\n30.75,310\n31.25,277",
            r"bins of width 0.5 around the centres of pt \[GeV\] in the file",
        ),
        ("bin_center,width,n\n30.25,0.5,322\n30.75,0.5,310\n31.25,0.5,277", "columns 'bin_center' and 'width'"),
        ("x,xerr,n\n30.25,0.25,322\n30.75,0.25,310\n31.25,0.25,277", "columns 'x' and 'xerr'"),
        ("low,width,n\n30,0.5,322\n30.5,0.5,310\n31,0.5,277", "columns 'low' and 'width'"),
        ("low,n\n30,322\n30.5,310\n31,277", "bins of width 0.5 from the lower edges"),
    ],
)
def test_centres_and_widths(tmp_path: Path, text: str, note: str) -> None:
    found = _read(tmp_path, text)
    assert found.spectrum.edges == pytest.approx([30, 30.5, 31, 31.5])
    assert found.spectrum.values == pytest.approx([322, 310, 277])
    (said,) = found.metadata["notes"]
    assert re.search(note, said)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1,5\n2,6\n4,7\n", "centres alone, and not in equal steps; expected low and high"),
        ("center,n\n1,5\n", "centres alone"),
        ("low,n\n1,5\n2,6\n4,7\n", "no upper edges of bins, and unequal steps"),
        ("30.25,322,18\n30.75,310,17\n", "columns without names are low,high,value.*expected a header"),
        ("30,31,100,10\n31,32,81,9\n", "fourth column has the roots of the values, so standard deviations"),
        ("1,2,3,4,5\n2,3,4,5,6\n", "needs low,high,value or low,high,value,variance"),
        ("30,0 30,5 322\n30,5 31,0 310\n", "commas and blanks between numbers; expected one separator"),
        ("30,000;30,500;322\n30,500;31,000;310\n", "decimal commas or thousands"),
        ("1,5;2.5;3\n2,5;3.5;4\n", "decimal commas or thousands"),
        ('low,high,n\n1,2,"1,234"\n', r"'1,234' is not a number \(a comma is no decimal point\)"),
        ("low,high,n\n1,2,>5\n", "'>5' is a limit; expected a measured number"),
        ("low,high,total,background\n1,2,5,3\n", "several columns of values; .* one of total, background"),
        ("low,high,W+,W-\n1,2,5,3\n", r"one of W\+, W-"),
        ("low,high,n\n1,2,5\ntotal,,5\n", "line 3: 'total' is not a number"),
        ("low,high,n,m\n1,2,5\n", "line 2: needs low,high,n,m"),
        ("BEGIN HISTO1D /a\n# xlow xhigh val\n1 2 3\n", "heights are per unit of the axis"),
        ("BLOCK MASS\n 1 2\n", "an SLHA parameter card"),
        ("low,high,n\n-inf,1,5\n1,2,5\n", "line 2: the bins without end; expected finite bins"),
        ('pt,n\n"[1, 2)",5\n', "no line begins with a number"),
        ("low,high,n,n\n1,2,5,6\n", r"one of #3 n, #4 n \(#NUMBER, name or qualifier\)"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_asked(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        _read(tmp_path, text)


def test_columns_of_one_name_are_chosen_by_number(tmp_path: Path) -> None:
    assert _read(tmp_path, "low,high,n,n\n1,2,5,6\n", ":4").spectrum.values == pytest.approx([6])


@pytest.mark.parametrize(
    ("header", "unit"),
    [("counts", "counts"), ("events/GeV", "events/GeV"), ("dsigma/dpt [pb/GeV]", "pb/GeV"), ("value", "")],
)
def test_the_header_says_what_the_contents_are(tmp_path: Path, header: str, unit: str) -> None:
    assert _read(tmp_path, f"low,high,{header}\n1,2,3\n").stated_unit == unit


@pytest.mark.parametrize(
    ("comment", "luminosity"),
    [("luminosity_invfb = 4.1", 4.1), ("luminosity = 4.1 fb^-1", 4.1), ("Luminosity: 41 pb-1", 0.041),
     ("integrated luminosity = 4.1 $fb^{-1}$", 4.1), ("luminosity = 4.1 /fb", 4.1)],
)  # fmt: skip
def test_exposure_in_a_comment(tmp_path: Path, comment: str, luminosity: float) -> None:
    found = _read(tmp_path, f"# {comment}\n{PLAIN}")
    assert found.exposure == {"luminosity_invfb": pytest.approx(luminosity)}
    _check(found)


def test_a_luminosity_without_unit_is_said_and_not_used(tmp_path: Path) -> None:
    found = _read(tmp_path, f"# luminosity = 4.1\n{PLAIN}")
    assert found.exposure == {}
    assert found.metadata["notes"] == ["luminosity 4.1 in a comment is not used: its unit is not known"]


def test_two_axes_that_fill_a_grid(tmp_path: Path) -> None:
    rows = [f"{pt},{pt + 5},{eta},{eta + 1},{10 * pt + eta}" for eta in (0, 1, 2) for pt in (30, 35)]
    found = _read(tmp_path, "pt_low,pt_high,eta_low,eta_high,n\n" + "\n".join(rows)).spectrum
    assert [axis.edges for axis in found.axes] == [(30.0, 35.0, 40.0), (0.0, 1.0, 2.0, 3.0)]
    assert [axis.name for axis in found.axes] == ["pt", "eta"]
    assert found.values == pytest.approx([300, 301, 302, 350, 351, 352])
    with pytest.raises(InputError, match="5 rows over 'pt', 'eta' do not fill a grid of 2 x 3 bins"):
        _read(tmp_path, "pt_low,pt_high,eta_low,eta_high,n\n" + "\n".join(rows[:-1]))


@pytest.mark.parametrize("name", ["t.txt", "t.tsv", "t.dat", "T.CSV"])
def test_other_suffixes(tmp_path: Path, name: str) -> None:
    _check(_read(tmp_path, PLAIN.replace(",", "\t"), name=name))


def test_packed_files(tmp_path: Path) -> None:
    packed = gzip.compress(PLAIN[:40].encode()) + gzip.compress(PLAIN[40:].encode())  # one after the other, as cat does
    (tmp_path / "t.csv.gz").write_bytes(packed)
    _check(read_spectrum(tmp_path / "t.csv.gz"))
    (tmp_path / "t.csv.gz").write_bytes(packed[:-20])
    with pytest.raises(InputError, match="not a file packed with gzip: it ends too soon"):
        read_spectrum(tmp_path / "t.csv.gz")
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(b" " * 20_000_000))
    with pytest.raises(InputError, match="more than 10000000 bytes"):
        read_spectrum(tmp_path / "t.csv.gz")


HEPDATA = """#: table_doi: 10.17182/hepdata.1.v1/t1
#: name: Table 1
#: description: Spectra, of both charges.
more of it
#: data_file: data1.yaml
#: keyword observables: DSIG/DPT
#: RE,,,P P --> W+ X
#: SQRT(S) [GeV],,,7000.0
"PT [GeV]","PT [GeV] LOW","PT [GeV] HIGH",DSIG/DPT [PB/GEV],stat +,stat -,"sys,lumi +","sys,lumi -"
32.5,30.0,35.0,5.0,0.5,-0.5,1%,-1%
37.5,35.0,40.0,4.0,0.4,-0.6,1%,-1%

#: RE,,,P P --> W- X
#: SQRT(S) [GeV],,,7000.0
"PT [GeV]","PT [GeV] LOW","PT [GeV] HIGH",DSIG/DPT [PB/GEV],stat +,stat -,"sys,lumi +","sys,lumi -"
32.5,30.0,35.0,3.0,0.3,-0.3,1%,-1%
37.5,35.0,40.0,-,-,-,-,-
"""


def test_tables_of_hepdata_in_csv(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"#1 DSIG/DPT \(RE=P P --> W\+ X\), #2 DSIG/DPT \(RE=P P --> W- X\)"):
        _read(tmp_path, HEPDATA)
    found = _read(tmp_path, HEPDATA, ":1")
    assert found.spectrum.edges == pytest.approx([30, 35, 40])
    assert found.spectrum.values == pytest.approx([5, 4])
    assert found.spectrum.variances == pytest.approx([0.25, 0.25])
    assert (found.stated_unit, found.spectrum.label, found.spectrum.name) == ("PB/GEV", "PT [GeV]", "DSIG/DPT")
    assert found.metadata["other_errors"] == ["sys,lumi"]
    assert found.metadata["qualifiers"] == {"RE": "P P --> W+ X", "SQRT(S)": "7000.0 GeV"}
    second = f"{tmp_path / 't.csv'}:P P --> W- X"
    assert np.array_equal(read_bins(second).values, [3, np.nan], equal_nan=True)
    assert read_error(second, "sys,lumi").values[0] == pytest.approx(0.03)
    with pytest.raises(InputError, match="line 17: '-' is not a finite number; expected a value"):
        read_spectrum(second)


def test_a_matrix_in_any_separator(tmp_path: Path) -> None:
    for text in ("1;0.5\n0.5;1\n", "# rho\n1\t0.5\n0.5\t1\n", "1 0.5\n0.5  1\n", "1, 0.5,\n0.5, 1,\n"):
        (tmp_path / "m.txt").write_text(text)
        assert read_matrix(tmp_path / "m.txt", 2) == pytest.approx(np.array([[1, 0.5], [0.5, 1]]))


def test_variances_without_a_name_are_said(tmp_path: Path) -> None:
    found = _read(tmp_path, "30,31,100,400\n31,32,50,200\n")
    assert found.spectrum.variances == pytest.approx([400, 200])
    assert found.metadata["notes"] == ["the fourth column, which has no name, is taken as variances"]


def test_errors_in_per_cent_by_their_header(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("low,high,n,err [%]\n30,31,200,10\n31,32,400,5%\n")
    assert read_spectrum(file).spectrum.variances.tolist() == [400.0, 400.0]
