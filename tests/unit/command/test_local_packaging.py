"""What `peoplefeed up` makes of the functions and of the layer."""

import io
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from command.local import install, packaging
from command.local.errors import NotDeployed, NotInstalled
from command.local.template import Template


@pytest.fixture
def project(tmp_path: Path) -> Path:
    function = tmp_path / "functions" / "greet"
    function.mkdir(parents=True)
    (function / "app.py").write_text("def handler(event, context):\n    return 'hello'\n")
    (function / "__pycache__").mkdir()
    (function / "__pycache__" / "app.pyc").write_bytes(b"stale")
    return tmp_path


def _template(code: object) -> Template:
    function = {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": code}}
    return {"Resources": {"Greet": function, "Queue": {"Type": "AWS::SQS::Queue"}}}


def test_a_function_s_folder_is_uploaded_and_its_path_replaced(project: Path) -> None:
    uploads: list[bytes] = []

    def upload(content: bytes) -> str:
        uploads.append(content)
        return "s3://bucket/key.zip"

    made = packaging.Packager(project, upload).package(_template("functions/greet"))

    assert made["Resources"]["Greet"]["Properties"]["CodeUri"] == "s3://bucket/key.zip"
    assert zipfile.ZipFile(io.BytesIO(uploads[0])).namelist() == ["app.py"]


@pytest.mark.parametrize("code", ["s3://elsewhere/x.zip", {"Bucket": "elsewhere", "Key": "x.zip"}])
def test_what_is_uploaded_already_stays(project: Path, code: object) -> None:
    packager = packaging.Packager(project, lambda _: "s3://never")

    assert packager.package(_template(code)) == _template(code)


def test_code_that_all_functions_share_is_found_in_globals(project: Path) -> None:
    template = _template(None) | {"Globals": {"Function": {"CodeUri": "functions/greet"}}}

    made = packaging.Packager(project, lambda _: "s3://b/k").package(template)

    assert made["Globals"]["Function"]["CodeUri"] == "s3://b/k"


def test_a_path_to_nowhere_is_a_sentence(project: Path) -> None:
    with pytest.raises(NotDeployed, match="CodeUri functions/gone is no folder"):
        packaging.Packager(project, lambda _: "").package(_template("functions/gone"))


def test_the_same_folder_is_the_same_zip(project: Path) -> None:
    folder = project / "functions" / "greet"
    first = packaging.zip_of_function(folder)
    (folder / "app.py").touch()

    assert packaging.name_of(packaging.zip_of_function(folder)) == packaging.name_of(first)


def test_the_layer_stands_in_front_of_everything_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As MiniStack does it: unpack, add the site directory, import."""
    cache, layer = tmp_path / "cache", tmp_path / "layer"
    (layer / "peoplefeed").mkdir(parents=True)
    (layer / "peoplefeed" / "__init__.py").write_text("WHERE = 'the layer'\n")
    dependencies = tmp_path / "dependencies"
    dependencies.mkdir()
    (dependencies / "yaml.py").write_text("WHERE = 'the layer'\n")
    package = install.package(layer, cache)
    monkeypatch.setattr(install, "package", lambda _: package)
    monkeypatch.setattr(install, "dependencies", lambda: dependencies)
    archive = zipfile.ZipFile(io.BytesIO(packaging.zip_of_layer(layer)))
    archive.extractall(tmp_path / "opt")
    site = tmp_path / "opt" / archive.namelist()[0].rsplit("/", 1)[0]

    script = (
        f"import site; site.addsitedir({str(site)!r}); import peoplefeed, yaml; print(peoplefeed.WHERE, yaml.WHERE)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout == "the layer the layer\n"


def test_the_package_is_a_compiled_copy_without_what_is_not_code(tmp_path: Path) -> None:
    layer = tmp_path / "layer"
    (layer / "peoplefeed" / "__pycache__").mkdir(parents=True)
    (layer / "peoplefeed" / "__init__.py").write_text("X = 1\n")
    (layer / "requirements.txt").write_text("boto3\n")

    package = install.package(layer, tmp_path / "cache")

    assert [path.name for path in package.rglob("*.pyc")] == [f"__init__.{sys.implementation.cache_tag}.pyc"]
    assert not (package / "requirements.txt").exists()


def test_what_is_built_is_built_once_for_the_same_sources(tmp_path: Path) -> None:
    source, builds = tmp_path / "list", []
    source.write_text("one")

    def build(folder: Path) -> None:
        builds.append(folder)
        (folder / "made").touch()

    first = install.built(tmp_path / "cache", "thing", [source], build)
    again = install.built(tmp_path / "cache", "thing", [source], build)
    source.write_text("two")
    other = install.built(tmp_path / "cache", "thing", [source], build)

    assert first == again != other
    assert len(builds) == 2
    assert sorted(path.name for path in (tmp_path / "cache").iterdir()) == sorted([first.name, other.name])


def test_a_build_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    source = tmp_path / "list"
    source.touch()

    def build(folder: Path) -> None:
        (folder / "half").touch()
        raise NotInstalled("The network is down.")

    with pytest.raises(NotInstalled):
        install.built(tmp_path / "cache", "thing", [source], build)

    assert list((tmp_path / "cache").iterdir()) == []


def test_who_builds_the_same_and_is_faster_wins(tmp_path: Path) -> None:
    source = tmp_path / "list"
    source.touch()

    def build(folder: Path) -> None:
        (folder / "mine").touch()
        if not (tmp_path / "once").exists():
            (tmp_path / "once").touch()
            install.built(tmp_path / "cache", "thing", [source], build)

    folder = install.built(tmp_path / "cache", "thing", [source], build)

    assert [path.name for path in folder.iterdir()] == ["mine"]
    assert list((tmp_path / "cache").iterdir()) == [folder]


def test_what_nobody_wanted_for_a_week_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "list"
    source.write_text("old")
    old = install.built(tmp_path / "cache", "thing", [source], lambda _: None)
    monkeypatch.setattr(install, "UNUSED_FOR", -1)
    source.write_text("new")

    install.built(tmp_path / "cache", "thing", [source], lambda _: None)

    assert not old.exists()


def test_what_uv_refuses_is_told_in_its_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("uv.find_uv_bin", lambda: shutil.which("false"))

    with pytest.raises(NotInstalled, match="Could not install what the local stack needs"):
        install.dependencies(tmp_path / "cache")
