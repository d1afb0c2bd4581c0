"""The notebook runs as a script, on invented sales and on the real ones, and draws its picture."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]


def run_notebook(folder: Path, *arguments: str) -> Path:
    """Run it in a process of its own and return the picture."""
    picture = folder / "forecast.png"
    notebook = ROOT / "notebooks" / "demand_forecast.py"
    done = subprocess.run(
        [sys.executable, "-W", "error", notebook, "--", "--picture", picture, *arguments],
        capture_output=True,
        text=True,
        timeout=240,
        cwd=folder,
        env={**os.environ, "MPLCONFIGDIR": str(folder), "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    return picture


def assert_drawn(picture: Path) -> None:
    """The picture has the size asked for, and the forecast's blue in it."""
    with Image.open(picture) as image:
        assert image.size == (1320, 1210)
        pixels = np.asarray(image.convert("RGB")).astype(int)
    blue = (np.abs(pixels - (0x2B, 0x6C, 0xB0)).sum(axis=2) < 12).sum()
    assert blue > 300


def test_on_invented_sales(tmp_path: Path) -> None:
    assert_drawn(run_notebook(tmp_path, "--quick", "--weeks", "6"))


def test_on_the_real_wholesaler(tmp_path: Path, shared_data: Path) -> None:
    sales = shared_data / "online_retail_ii_to_2011-08.parquet"
    assert_drawn(run_notebook(tmp_path, "--quick", "--weeks", "4", "--sales", str(sales)))
