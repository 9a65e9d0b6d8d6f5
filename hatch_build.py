"""Compiles the fold to native code with mypyc: the same source, less than half the CPU an event.

Optional, and off unless `LEADSCORER_COMPILE=1`: a wheel is pure Python then, and runs anywhere.

    LEADSCORER_COMPILE=1 uv build --wheel    a wheel with native modules (the image is built so)
    make compile                             the same in the work tree, for benchmarks; `make pure` undoes it
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
BUILD_TOOLS = ["mypy==2.4.1", "setuptools==80.9.0"]

# Value types stay interpreted: named tuples and enums gain nothing. Everything that loops is compiled.
INTERPRETED = {"__init__", "events", "outputs", "model", "policy", "table"}
# Around the fold, what every event goes through. Nothing here may import, even indirectly, a package
# without type hints (aiokafka, faust): mypyc refuses it where no configuration ignores that.
AROUND = [
    "scorer/contracts/binary.py",
    "scorer/contracts/decode.py",
    "scorer/contracts/encode.py",
    "scorer/contracts/encode_pool.py",
    "scorer/contracts/fragments.py",
    "scorer/contracts/history_codec.py",
    "scorer/contracts/instants.py",
    "scorer/contracts/limit_codec.py",
    "scorer/contracts/modes.py",
    "scorer/contracts/pool_codec.py",
    "scorer/contracts/reached_codec.py",
    "scorer/contracts/state_codec.py",
    "scorer/contracts/stored.py",
    "scorer/contracts/stored_tier.py",
    "scorer/contracts/writing.py",
    "scorer/engine/cache.py",
    "scorer/engine/keys.py",
    "scorer/engine/owners.py",
    "scorer/engine/pool.py",
    "scorer/engine/pool_measures.py",
    "scorer/engine/pool_unit.py",
    "scorer/engine/scoring.py",
    "scorer/transport/changelog.py",
    "scorer/transport/fetched.py",
    "scorer/transport/inbox.py",
]


def sources() -> list[str]:
    """The modules that are compiled, relative to the root."""
    found = sorted((ROOT / "scorer" / "domain").rglob("*.py"))
    domain = [str(p.relative_to(ROOT)) for p in found if p.stem not in INTERPRETED]
    return [*domain, *AROUND]


def compile_in_place() -> list[Path]:
    """Put the native modules beside their sources; a C compiler is needed."""
    script = (
        "from setuptools import setup; from mypyc.build import mypycify; "
        f"setup(name='lead-scorer-native', packages=[], py_modules=[], ext_modules=mypycify({['--config-file=', *sources()]!r}, opt_level='3'))"
    )
    with tempfile.TemporaryDirectory() as scratch:
        command = [
            sys.executable,
            "-c",
            script,
            "-q",
            "build_ext",
            "--inplace",
            "--build-temp",
            scratch,
            "--build-lib",
            scratch,
        ]
        subprocess.run(command, cwd=ROOT, check=True)
    return list(native())


def native() -> list[Path]:
    """The native modules that are there now."""
    return [*ROOT.glob("scorer/**/*.so"), *ROOT.glob("*__mypyc*.so")]


class CompileHook(BuildHookInterface[Any]):
    """Adds the native modules to a wheel when asked to."""

    PLUGIN_NAME = "custom"

    def _asked(self) -> bool:
        return self.target_name == "wheel" and os.environ.get("LEADSCORER_COMPILE") == "1"

    def dependencies(self) -> list[str]:
        return BUILD_TOOLS if self._asked() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if not self._asked() or version == "editable":
            return
        compile_in_place()
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        build_data["force_include"].update({str(p): str(p.relative_to(ROOT)) for p in native()})

    def finalize(self, _version: str, _build_data: dict[str, Any], _artifact: str) -> None:
        if self._asked():
            for module in native():
                module.unlink()


if __name__ == "__main__":
    sys.stdout.writelines(f"{built.relative_to(ROOT)}\n" for built in compile_in_place())
