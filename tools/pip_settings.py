"""What pip has been told on this machine (mirror, extra indexes, certificate, proxy), told to uv and npm as well.

A company's machine often reaches the registries only through a mirror or with a certificate of its own, and pip is
where that is written down. Nothing here is kept: the settings live in the environment of one call.
"""

from __future__ import annotations

import os
import subprocess


def of_pip(python: str) -> dict[str, str]:
    """pip's settings in force as {name: value}; later sources (the environment) win over earlier ones (files)."""
    listing = subprocess.run([python, "-m", "pip", "config", "list"], capture_output=True, text=True)
    found: dict[str, str] = {}
    for line in listing.stdout.splitlines():
        key, separator, value = line.partition("=")
        section, _, name = key.rpartition(".")
        if separator and section in {"global", "install", ":env:"}:
            found[name] = value.strip("'\"").replace("\\n", " ")
    return found


def for_uv(python: str) -> dict[str, str]:
    """The environment for a call of uv. What the user set for uv itself stays as it is."""
    settings = of_pip(python)
    told: dict[str, str] = {"UV_NO_PROGRESS": "1"} if not os.isatty(2) else {}
    if "index-url" in settings:
        told["UV_DEFAULT_INDEX"] = settings["index-url"]
    if "extra-index-url" in settings:
        told["UV_INDEX"] = settings["extra-index-url"]
        # uv would look no further than the first index that knows a name. Every file is checked against its hash,
        # so that a stranger's package of the same name cannot slip in.
        told["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    if "find-links" in settings:
        told["UV_FIND_LINKS"] = ",".join(settings["find-links"].split())
    if "trusted-host" in settings:
        told["UV_INSECURE_HOST"] = settings["trusted-host"]
    if "timeout" in settings or "default-timeout" in settings:
        told["UV_HTTP_TIMEOUT"] = settings.get("timeout") or settings["default-timeout"]
    told |= certificate_and_proxy(settings, "SSL_CERT_FILE")
    told["UV_LINK_MODE"] = "copy" if os.environ.get("CI") else os.environ.get("UV_LINK_MODE", "hardlink")
    return told | os.environ


def for_npm(python: str) -> dict[str, str]:
    """The environment for a call of npm."""
    return certificate_and_proxy(of_pip(python), "NODE_EXTRA_CA_CERTS") | os.environ


def certificate_and_proxy(settings: dict[str, str], name: str) -> dict[str, str]:
    told: dict[str, str] = {}
    if os.path.isfile(settings.get("cert", "")):
        told[name] = settings["cert"]
    if "proxy" in settings:
        told |= {"HTTP_PROXY": settings["proxy"], "HTTPS_PROXY": settings["proxy"]}
    return told
