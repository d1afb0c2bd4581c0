"""All audits of the npm package graphql-http, the reference of GraphQL over HTTP."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

RUNNER = Path(__file__).with_name("run_audits.mjs")
PACKAGES = ("graphql-http@1.23.1", "graphql@16")
AUDITS = 61


@pytest.fixture(scope="session")
def audits_folder() -> Path:
    """A folder outside the project with the packages; skips by name where they cannot be had."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("the graphql-http audits need Node.js with npm on PATH")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "entrepot-tests" / "-".join(p.replace("@", "-") for p in PACKAGES)
    if not (folder / "node_modules" / "graphql-http").is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        install = [npm, "install", "--no-save", "--no-package-lock", "--no-audit", "--no-fund"]
        done = subprocess.run(
            [*install, *PACKAGES], cwd=folder, capture_output=True, text=True, timeout=240
        )
        if done.returncode != 0:
            if os.environ.get("CI"):
                pytest.fail(f"npm install failed: {done.stderr[-2000:]}")
            pytest.skip(f"npm could not install graphql-http: {done.stderr[-200:]}")
    return folder


def test_all_audits_pass(audits_folder: Path, web_address: str) -> None:
    done = subprocess.run(
        ["node", str(RUNNER), str(audits_folder), f"{web_address}/graphql"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert [result for result in results if result["status"] != "ok"] == []
    assert len(results) == AUDITS
