"""What `sam build` and `sam package` do, for MiniStack and in a fraction of a second.

A function's folder becomes a ZIP as it is. The layer's ZIP holds no packages but points at them: MiniStack
unpacks the layer anew for each of its workers, 4,000 files and a second or two of its only thread
each time, and a failed invocation costs a worker. It does read `.pth` files, so ours puts the folders
with the very same content in front of the worker's path, where an unpacked layer would stand.
"""

from __future__ import annotations

import copy
import hashlib
import io
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from command.local import install
from command.local.errors import NotDeployed
from command.local.template import Template

_EPOCH = (1980, 1, 1, 0, 0, 0)
_SITE = f"python/lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
_CODE = {
    "AWS::Serverless::Function": "CodeUri",
    "AWS::Serverless::LayerVersion": "ContentUri",
}

type Upload = Callable[[bytes], str]


@dataclass(frozen=True, slots=True)
class Packager:
    """Packages one template: where it stands, and how to upload a ZIP."""

    root: Path
    upload: Upload

    def package(self, template: Template) -> Template:
        """Return the template with every path to code replaced by the URI of its upload."""
        packaged = copy.deepcopy(template)
        for resource in packaged["Resources"].values():
            if name := _CODE.get(resource["Type"]):
                self._replace(resource["Properties"], name)
        for kind, properties in packaged.get("Globals", {}).items():
            if kind == "Function":
                self._replace(properties, "CodeUri")
        return packaged

    def _replace(self, properties: dict[str, Any], name: str) -> None:
        path = properties.get(name)
        if not isinstance(path, str) or path.startswith("s3://"):
            return
        folder = self.root / path
        if not folder.is_dir():
            raise NotDeployed(f"The template's {name} {path} is no folder.")
        make = zip_of_layer if name == "ContentUri" else zip_of_function
        properties[name] = self.upload(make(folder))


def zip_of_function(folder: Path) -> bytes:
    """Return a function's folder as a ZIP, the same bytes for the same content."""
    return _zip({str(path.relative_to(folder)): path.read_bytes() for path in install.files(folder)})


def zip_of_layer(folder: Path) -> bytes:
    """Return a layer that points at its dependencies and at a copy of its package.

    A copy, so that what runs is what was deployed even while someone edits.
    """
    folders = [str(install.package(folder)), str(install.dependencies())]
    line = f"import sys; sys.path[:0] = {folders!r}\n"
    return _zip({f"{_SITE}/layer.pth": line.encode()})


def name_of(content: bytes) -> str:
    """Return the key under which a ZIP is uploaded."""
    return f"{hashlib.sha256(content).hexdigest()[:32]}.zip"


def _zip(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content)
    return buffer.getvalue()
