"""What the local stack needs beside the project: MiniStack, and the layer's dependencies.

Each is installed once, by uv, from a list with hashes, into a folder named after that list. Nothing is
shared with the project's own environment: MiniStack's packages differ from ours (design.md, 6).
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import uv

from command.local.errors import NotInstalled

PROJECT = Path(__file__).resolve().parents[2]
CACHE = PROJECT / ".peoplefeed" / "cache"
MINISTACK = Path(__file__).with_name("ministack.txt")
LAYER = PROJECT / "layers" / "core" / "requirements.txt"

UNUSED_FOR = 7 * 24 * 3600

type Build = Callable[[Path], None]


def ministack(cache: Path = CACHE) -> Path:
    """Return the Python interpreter of MiniStack's own environment."""

    def build(folder: Path) -> None:
        _uv("venv", "--python", sys.executable, str(folder))
        _install(MINISTACK, "--python", str(_python(folder)), "--compile-bytecode")

    return _python(built(cache, "ministack", [MINISTACK], build))


def dependencies(cache: Path = CACHE) -> Path:
    """Return the folder with the packages that the functions run with."""

    def build(folder: Path) -> None:
        _install(LAYER, "--python", sys.executable, "--target", str(folder))
        precompile(folder)

    return built(cache, "dependencies", [LAYER], build)


def package(layer: Path, cache: Path = CACHE) -> Path:
    """Return the folder with a compiled copy of the layer's own package."""

    def build(folder: Path) -> None:
        ignored = shutil.ignore_patterns("__pycache__", LAYER.name)
        shutil.copytree(layer, folder, ignore=ignored, dirs_exist_ok=True)
        precompile(folder)

    return built(cache, "package", files(layer), build)


def files(folder: Path) -> list[Path]:
    """Return the files of a folder, always in the same order, without what Python left there."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def is_complete(cache: Path = CACHE) -> bool:
    """Whether everything has been installed before."""
    return (cache / f"ministack-{_digest([MINISTACK])}").is_dir() and (
        cache / f"dependencies-{_digest([LAYER])}"
    ).is_dir()


def precompile(folder: Path) -> None:
    """Compile a folder's modules so that nobody looks at the sources' times, which a ZIP does not keep."""
    command = [sys.executable, "-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash"]
    _run([*command, str(folder)])


def built(cache: Path, name: str, sources: list[Path], build: Build) -> Path:
    """Return the folder built from the sources; build it if there is none, and never show half of one."""
    folder = cache / f"{name}-{_digest(sources)}"
    if folder.is_dir():
        os.utime(folder)
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    _forget_unused(cache, name)
    unfinished = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=cache))
    try:
        build(unfinished)
        with suppress(OSError):  # someone else was faster, with the same sources
            unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return folder


def _forget_unused(cache: Path, name: str) -> None:
    """Remove what was built from other sources and has not been wanted for a week."""
    for folder in cache.glob(f"{name}-*"):
        if folder.stat().st_mtime < time.time() - UNUSED_FOR:
            shutil.rmtree(folder, ignore_errors=True)


def _digest(sources: list[Path]) -> str:
    """Return a name for these sources on this machine and this Python."""
    machine = (sys.version, platform.system(), platform.machine())
    content = [part.encode() for part in machine]
    root = os.path.commonpath(sources)
    content += [part for source in sources for part in (os.path.relpath(source, root).encode(), source.read_bytes())]
    return hashlib.sha256(b"\0".join(content)).hexdigest()[:16]


def _install(requirements: Path, *options: str) -> None:
    _uv("pip", "install", "--require-hashes", "--no-deps", "-r", str(requirements), *options)


def _uv(*arguments: str) -> None:
    """Run uv with the user's settings but away from the project's, whose overrides are not for these lists."""
    _run([uv.find_uv_bin(), *arguments, "--quiet"])


def _run(command: list[str]) -> None:
    """Run a program; if it fails, say what it said."""
    env = {name: value for name, value in os.environ.items() if name not in {"VIRTUAL_ENV", "PYTHONPATH"}}
    done = subprocess.run(command, cwd=tempfile.gettempdir(), env=env, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise NotInstalled(f"Could not install what the local stack needs:\n{done.stderr.strip()}")


def _python(environment: Path) -> Path:
    return environment / "bin" / "python"
