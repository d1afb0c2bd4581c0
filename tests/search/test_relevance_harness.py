"""The harness of relevance: its measures against tables, its files refused by line."""

from __future__ import annotations

import csv
import gzip
import json
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import ndcg_score

from benchmarks import relevance
from benchmarks.relevance_catalogue import CatalogueError, read_catalogue
from benchmarks.relevance_judgments import JudgmentError, read_judgments
from benchmarks.relevance_measures import (
    classes,
    condensed,
    exponential,
    linear,
    measure_all,
    ndcg,
    succeeds,
)

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = (
    "external_id",
    "article_number",
    "brand",
    "title",
    "short_description",
    "gtin",
    "list_price_usd",
    "released",
    "attributes_json",
)


def test_ndcg_is_that_of_a_table_made_by_hand() -> None:
    # Gains 7, 0, 1, 3 at ranks 1 to 4 over 1, 1.585, 2, 2.3219; the ideal is 7, 7, 3, 1.
    ratings = {"a": 3.0, "b": 0.0, "c": 1.0, "d": 2.0, "e": 3.0}
    ranked = ["a", "b", "c", "d"]
    assert ndcg(ratings, ranked, exponential) == pytest.approx(
        (7 + 1 / 2 + 3 / 2.321928) / (7 + 7 / 1.584963 + 3 / 2 + 1 / 2.321928), abs=1e-6
    )
    assert ndcg(ratings, ranked, linear) == pytest.approx(
        (3 + 1 / 2 + 2 / 2.321928) / (3 + 3 / 1.584963 + 2 / 2 + 1 / 2.321928), abs=1e-6
    )


def test_an_unjudged_document_takes_a_place_unless_the_list_is_condensed() -> None:
    ratings = {"a": 3.0, "b": 1.0}
    ranked = ["x", "a", "y", "b"]
    assert ndcg(ratings, ranked, linear) == pytest.approx(
        (3 / 1.584963 + 1 / 2.321928) / (3 + 1 / 1.584963), abs=1e-6
    )
    assert condensed(ratings, ranked) == ["a", "b"]
    assert ndcg(ratings, condensed(ratings, ranked), linear) == 1


def test_only_the_first_ten_count() -> None:
    ratings = {"a": 1.0}
    strangers = [str(number) for number in range(10)]
    assert ndcg(ratings, [*strangers, "a"], exponential) == 0
    assert ndcg(ratings, [*strangers[:9], "a"], exponential) == pytest.approx(1 / np.log2(11))
    assert not succeeds(ratings, [*strangers, "a"], 10)
    assert succeeds(ratings, [*strangers[:9], "a"], 10)
    assert not succeeds(ratings, ["b"], 1)


def test_nothing_relevant_has_no_ndcg_and_is_not_counted() -> None:
    with pytest.raises(ValueError, match="nothing is relevant"):
        ndcg({"a": 0.0}, ["a"], exponential)
    judgments = {"bolt": {"a": 2.0}, "nut": {"a": 0.0}}
    figures = measure_all(judgments, {"bolt": ["a"], "nut": ["a"]})
    assert figures is not None
    assert (figures.questions, figures.ndcg, figures.success_1, figures.judged) == (1, 1, 1, 1)
    assert measure_all({"nut": {"a": 0.0}}, {"nut": []}) is None


@pytest.mark.parametrize("seed", range(20))
def test_ndcg_is_that_of_scikit_learn(seed: int) -> None:
    chance = random.Random(seed)
    documents = [f"d{number}" for number in range(chance.randint(2, 40))]
    ratings = {document: float(chance.randint(0, 3)) for document in documents}
    ratings[documents[0]] = 1.0
    ranked = chance.sample(documents, len(documents))
    scores = np.array([[-ranked.index(document) for document in documents]])
    for gain in (exponential, linear):
        gains = np.array([[gain(ratings[document]) for document in documents]])
        assert ndcg(ratings, ranked, gain) == pytest.approx(ndcg_score(gains, scores, k=10))


def test_every_question_is_in_one_half_and_in_the_classes_it_looks_like() -> None:
    questions = {text: {"a": 1.0} for text in ("bolt", "hex bolt", "bolt m8", "nut", "washer m10")}
    found = classes(questions)
    first, second = found["half tuned on"], found["half held out"]
    assert {**first, **second} == questions
    assert not first.keys() & second.keys()
    assert set(found["one word"]) == {"bolt", "nut"}
    assert set(found["with a digit"]) == {"bolt m8", "washer m10"}


def _file(folder: Path, text: str | bytes) -> Path:
    path = folder / "judgments.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize("head", ["", "query,docid,rating\n", "\ufeffQuery, DocID ,rating\r\n"])
def test_judgments_are_read_with_and_without_a_header(tmp_path: Path, head: str) -> None:
    path = _file(tmp_path, f'{head}bolt,1,3\n\n"nut, hex",2,0.5\nbolt,2,0\nbolt,1,3\n')
    assert read_judgments(path) == {"bolt": {"1": 3.0, "2": 0.0}, "nut, hex": {"2": 0.5}}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", ": no judgments"),
        ("query,docid,rating\n", ": no judgments"),
        ("question,id,grade\nbolt,1,3\n", ":1: the rating 'grade' is no number; a header would be"),
        ("query,docid,rating\nbolt,1\n", ":2: 2 columns, not the three query,docid,rating"),
        ("bolt;1;3\n", ":1: 1 columns, not the three"),
        ("bolt,1,3\nbolt,2,good\n", ":2: the rating 'good' is no number"),
        ("bolt,1,3\nbolt,2,-1\n", ":2: the rating -1 is not between 0 and 10"),
        ("bolt,1,nan\n", ":1: the rating nan is not between 0 and 10"),
        ("bolt,1,1e400\n", ":1: the rating 1e400 is not between 0 and 10"),
        ("bolt,1,3\n,2,1\n", ":2: query is empty"),
        ("bolt,1,3\nnut,,1\n", ":2: docid is empty"),
        ("bolt,1,3\nnut,1,1\nbolt,1,2\n", ":3: '1' for 'bolt' is rated 2, and 3 before"),
        ('bolt,1,3\n"nut,1,2\n', ":2: unexpected end of data"),
        (b"bolt,1,3\nn\xffut,2,1\n", ": not UTF-8 at byte 10"),
    ],
)
def test_judgments_that_cannot_be_used_are_refused_by_line(
    tmp_path: Path, text: str | bytes, complaint: str
) -> None:
    path = _file(tmp_path, text)
    with pytest.raises(JudgmentError) as refusal:
        read_judgments(path)
    assert str(refusal.value).startswith(f"{path}{complaint}")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(JudgmentError, match="No such file"):
        read_judgments(tmp_path / "none.csv")


def _catalogue(folder: Path, *, title: str = "title") -> Path:
    path = folder / "catalogue.csv.gz"
    with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow([title if name == "title" else name for name in COLUMNS])
        for number, name in enumerate(("Hex bolt steel", "Bolt cutter", "Wing nut", "Saw")):
            attributes = json.dumps({"finish": "zinc", "metric": True, "length": 30.0})
            row = (f"p{number}", f"X-{number}", "Acme", name, "", "", "1.50", "", attributes)
            writer.writerow(row)
    return path


def test_a_whole_run_prints_and_writes_what_it_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    judgments = _file(tmp_path, "hex bolt,p0,3\nhex bolt,p2,0\nnut,p2,2\nnut,p99,1\nsaw,p0,0\n")
    out = tmp_path / "out.json"
    given = [str(judgments), "--catalogue", str(_catalogue(tmp_path)), "--json", str(out)]
    assert relevance.main([*given, "--questions"]) == 0
    printed = capsys.readouterr().out
    assert "1 judgments are of articles that the catalogue has not." in printed
    assert "3 questions, 4 judgments; 2 questions with anything relevant count." in printed
    assert "1.000 1.000 1.000 1.000 1.000 1.000 1.000  hex bolt" in printed
    figures = json.loads(out.read_text("utf-8"))
    assert set(figures["all"]) == {
        "Entrepôt",
        "bm25s robertson",
        "bm25s robertson, AND then OR",
        "bm25s lucene",
        "bm25s atire",
        "bm25s bm25l",
        "bm25s bm25+",
    }
    assert figures["all"]["Entrepôt"]["questions"] == 2
    assert all(found["ndcg"] == found["success_10"] == 1 for found in figures["all"].values())


def test_files_that_do_not_fit_end_the_run_with_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    strange = _file(tmp_path, "bolt,unknown,3\n")
    assert relevance.main([str(strange), "--catalogue", str(_catalogue(tmp_path))]) == 2
    assert "no docid of the judgments is an external_id" in capsys.readouterr().err
    odd = _catalogue(tmp_path, title="name")
    assert relevance.main([str(strange), "--catalogue", str(odd)]) == 2
    assert f"{odd}:1: no column title" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("p1;X;A;T;;;1;;{}\np1;Y;A;T;;;1;;{}", ":3: external_id p1 is there twice"),
        ("p1;X;A;T", ":2: fewer columns than the header"),
        ("p1;X;A;T;;;1;;[1]", ":2: attributes_json is no object"),
        ("p1;X;A;T;;;1;;{", ":2: Expecting property name"),
        ("p1;X;A;T;;;NaN;;{}", ":2: the price 'NaN' is no number"),
        ("p1;X;A;T;;;cheap;;{}", ":2: the price 'cheap' is no number"),
        ("", ": no articles"),
    ],
)
def test_catalogues_that_cannot_be_used_are_refused_by_line(
    tmp_path: Path, row: str, complaint: str
) -> None:
    path = tmp_path / "catalogue.csv"
    path.write_text(f"{';'.join(COLUMNS)}\n{row}\n", "utf-8")
    with pytest.raises(CatalogueError) as refusal:
        read_catalogue(path)
    assert str(refusal.value).startswith(f"{path}{complaint}")


def test_a_catalogue_cut_short_is_told(tmp_path: Path) -> None:
    path = _catalogue(tmp_path)
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(CatalogueError, match="end-of-stream"):
        read_catalogue(path)


@pytest.mark.parametrize("command", [["benchmarks/relevance.py"], ["-m", "benchmarks.relevance"]])
def test_it_runs_as_a_file_and_as_a_module(tmp_path: Path, command: list[str]) -> None:
    missing = tmp_path / "none.csv"
    done = subprocess.run(
        [sys.executable, *command, str(missing)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"relevance: {missing}: No such file")
    assert "Traceback" not in done.stderr
