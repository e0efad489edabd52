"""Find out whether an optional package can be imported, and which command installs it."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from importlib import import_module, metadata
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[2]
"""The root of the checkout, or the folder of the installed packages."""
DISTRIBUTION = "transport-lab"
OURS = ("lab", "transports", "benchmarks")

_OPTIONAL = re.compile(r"(?P<name>[\w.-]+)(?P<bounds>[^;]*);.*extra == ['\"](?P<extra>[\w-]+)['\"]")


def missing(module: str) -> str | None:
    """Why `module` can't be imported, and what to install; None if it can."""
    try:
        import_module(module)
    except (ImportError, OSError) as error:
        return reason(error)
    return None


def reason(error: ImportError | OSError) -> str:
    """What is missing for an import that failed, and what to install.

    Raises:
        ImportError: `error` itself, if it is about a module of the lab: that is a bug.
    """
    name = getattr(error, "name", None) or ""
    package = name.partition(".")[0]
    if package in OURS:
        raise error
    if isinstance(error, ModuleNotFoundError):
        return f"needs {name}: {installing(package)}"
    what = f"{package} does not load" if package else "a library does not load"
    return f"{what}: {error}"


def installing(package: str) -> str:
    """The command that installs `package`.

    The lab is in no registry. In a checkout the command names the checkout and the extra; elsewhere
    it names the library.
    """
    extra, requirement = _declared(package)
    pip = "pip install" if find_spec("pip") is not None else "uv pip install"
    if (ROOT / "pyproject.toml").is_file():
        return f"{pip} -e {shlex.quote(f'.[{extra}]') if extra else '.'}"
    return f"{pip} {shlex.quote(requirement)}"


def _declared(package: str) -> tuple[str | None, str]:
    """The smallest extra with `package` (None: no extra), and the lab's requirement for it."""
    try:
        required = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        required = []
    every = [found for found in map(_OPTIONAL.match, required) if found]
    sizes = Counter(found["extra"] for found in every)
    fitting = [each for each in every if each["name"].replace("-", "_").lower() == package]
    if not fitting:
        return None, package
    found = min(fitting, key=lambda each: sizes[each["extra"]])
    return found["extra"], f"{found['name']}{found['bounds'].strip()}"
