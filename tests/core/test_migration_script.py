"""The script that writes migrations explains itself and writes nothing unasked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "entrepot" / "platform" / "migrations"


@pytest.mark.parametrize(("given", "code"), [(["--help"], 0), ([], 2), (["a", "b"], 2)])
def test_the_script_explains_itself(given: list[str], code: int) -> None:
    before = sorted(FOLDER.glob("*.py"))
    command = [sys.executable, str(ROOT / "scripts" / "make_migration.py"), *given]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert (done.stdout + done.stderr).startswith("usage: make_migration.py [-h] NAME")
    assert "Traceback" not in done.stderr
    assert sorted(FOLDER.glob("*.py")) == before
