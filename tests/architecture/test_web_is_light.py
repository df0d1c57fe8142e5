"""A web process stays small: none of the analytics libraries is loaded by whatever serves pages."""

from __future__ import annotations

import os
import subprocess
import sys

HEAVY = ("duckdb", "ibis", "pyarrow", "pandas", "numpy", "splink", "pyspark", "polars", "typst")

# A process of its own, because the tests have loaded these libraries themselves.
SERVE_PAGES = """
import importlib, pkgutil, sys
import bihuan
from bihuan.config.wsgi import application
from django.urls import get_resolver

def walk(patterns):
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            walk(pattern.url_patterns)

walk(get_resolver().url_patterns)
PAGES = ("views", "urls", "panels", "templatetags", "middleware", "access")
for module in pkgutil.walk_packages(bihuan.__path__, "bihuan."):
    parts = module.name.split(".")
    if "tests" not in parts and any(part.startswith(PAGES) for part in parts[2:]):
        importlib.import_module(module.name)
print(" ".join(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def test_what_serves_pages_loads_no_analytics_library():
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "bihuan.config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", SERVE_PAGES], env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "django" in loaded
    assert not loaded & set(HEAVY)
