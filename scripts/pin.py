"""Rewrite the version pins in pyproject.toml from what the resolver picks today.

Usage: python scripts/pin.py          (needs uv on PATH)
Only names and versions are written: no hash, no address.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
BEGIN, END = "# pins: begin\n", "# pins: end\n"


def resolved_versions() -> list[str]:
    """Return `name==version` for every direct and indirect dependency, all groups included."""
    command = [
        "uv", "pip", "compile", "--quiet", "--universal", "--no-header", "--no-annotate",
        "--group", "dev", "pyproject.toml",
    ]  # fmt: skip
    output = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True)
    return [line.strip() for line in output.stdout.splitlines() if line.strip()]


def write_pins(pins: list[str]) -> None:
    """Replace the marked block of pyproject.toml with the given pins."""
    path = PROJECT / "pyproject.toml"
    text = path.read_text(encoding="utf-8")
    lines = "".join(f'    "{pin.replace(chr(34), chr(39))}",\n' for pin in pins)
    block = f"{BEGIN}constraint-dependencies = [\n{lines}]\n{END}"
    pattern = re.escape(BEGIN) + ".*?" + re.escape(END)
    path.write_text(re.sub(pattern, lambda _: block, text, flags=re.S), encoding="utf-8")


def clear_pins() -> None:
    """Empty the block, so that the old pins do not bind the new resolution."""
    write_pins([])


if __name__ == "__main__":
    clear_pins()
    found = resolved_versions()
    write_pins(found)
    sys.stdout.write(f"{len(found)} versions pinned\n")
