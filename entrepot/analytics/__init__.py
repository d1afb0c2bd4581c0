"""Demand analytics: weekly panels, features, forecasters, metrics, rolling backtests.

Only ``datasets.py`` knows the marketplace's database; everything else works on frames and arrays,
so a notebook runs the same code on a file.

The OpenMP policy is set here, before scikit-learn is first imported: with the default, idle worker
threads spin, which on a busy machine turned a fit of 4 s into 33 s.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

MINIMUM_WEEKS = 8
"""Fewer weeks than this since the first sale give no forecast: nothing could be checked."""
