"""What a manifest may say, and what is told when it says something else."""

from pathlib import Path

import pytest

from sluice.errors import InvalidFile
from sluice.manifest.load import load
from sluice.manifest.schema import Manifest
from tests.unit.manifest.conftest import API, DIGEST, IMAGE, WEIGHTS, Write


def _problems(path: Path) -> list[str]:
    with pytest.raises(InvalidFile) as refused:
        load(path)
    assert str(path.name) in str(refused.value) or "inference" in str(refused.value)
    return [str(problem) for problem in refused.value.problems]


@pytest.mark.parametrize("base", [WEIGHTS, API], ids=["weights", "API model"])
def test_a_whole_manifest_is_read(write: Write, base: dict[str, object]) -> None:
    """With its inference configuration, and the project's folder around it."""
    file = load(write(base))
    assert file.manifest.label == f"{base['name']}@2"
    assert file.root == file.path.parent


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ({"mlflow": {"model": "digits", "alias": "champion"}}, "mlflow"),
        ({"wandb": {"artifact": "ml/digits/model:v3"}}, "wandb"),
        ({"sagemaker": {"package": "arn:aws:sagemaker:eu-west-1:123456789012:model-package/digits/3"}}, "sagemaker"),
        ({"huggingface": {"repo": "ml/digits", "revision": "main", "image": IMAGE}}, "huggingface"),
    ],
)
def test_weights_come_from_one_of_several_places(write: Write, model: dict[str, object], kind: str) -> None:
    """Each registry has a key of its own."""
    assert load(write(model=model)).manifest.model.kind == kind


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ({"dvc": {"repo": ".", "rev": "main", "path": "data/train.csv"}}, "dvc"),
        ({"lakefs": {"repo": "digits", "ref": "main"}}, "lakefs"),
        ({"delta": {"table": "s3://lake/digits", "version": 0}}, "delta"),
        ({"delta": {"table": "tables/digits", "timestamp": "2026-10-01T00:00:00Z"}}, "delta"),
    ],
)
def test_data_comes_from_one_of_several_places(write: Write, data: dict[str, object], kind: str) -> None:
    """Each tool has a key of its own; version 0 of a table is a version."""
    assert load(write(data=data)).manifest.data.kind == kind


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"model": {}},
            "model: exactly one of artifact, containers, mlflow, wandb, sagemaker, huggingface, api; this has none",
        ),
        ({"model.mlflow": {"model": "digits", "version": "3"}}, "this has artifact and mlflow"),
        ({"data": {"validation": {"name": "x"}}}, "data: exactly one of dvc, lakefs, delta, digest, prompt; this has"),
        ({"model": {"mlflow": {"model": "m", "version": "1", "alias": "a"}}}, "exactly one of version, alias"),
        ({"model": {"mlflow": {"model": "m"}}}, "model.mlflow: exactly one of version, alias"),
        ({"data": {"delta": {"table": "t"}}}, "data.delta: exactly one of version, timestamp"),
        ({"data": {"delta": {"table": "t", "version": 1, "timestamp": "x"}}}, "exactly one of version, timestamp"),
        ({"data": {"prompt": {"template": "p"}}}, "model is artifact and data is prompt; an API model, and no other"),
        ({"model": {"api": {"provider": "openai", "id": "x"}}}, "model is api and data is digest"),
        ({"ower": {}}, "ower is not known here; did you mean 'owner'? known are: adapters, architecture,"),
        ({"inference": {"temprature": 1}}, "inference.temprature is not known here; did you mean 'temperature'?"),
        ({"owner.team": None}, "owner.team is missing"),
        ({"version": 2}, "version is 2; expected a text; write it in quotes"),
        ({"version": 1.1}, "version is 1.1; expected a text; write it in quotes"),
        ({"name": "Digits!"}, "name is 'Digits!'; allowed:"),
        ({"model.artifact.image": "digits:latest"}, "model.artifact.image is 'digits:latest'; allowed:"),
        ({"model.artifact.sha256": "abc"}, "model.artifact.sha256 is 'abc'; allowed:"),
        ({"inference.temperature": 3.0}, "inference: temperature is 3; allowed 0 to 2"),
        ({"inference.top_p": 0.0}, "top_p is 0; allowed more than 0, up to 1"),
        ({"inference.max_tokens": 0}, "max_tokens is 0; allowed 1 or more"),
        ({"data.validation.share": 1.0}, "share is 1; more than 0 and less than 1"),
        ({"life": {"end_of_life": "soon"}}, "life.end_of_life is 'soon'"),
        ({"inference": {"file": "../outside.yaml"}}, "inference.file is '../outside.yaml', which is outside of"),
        ({"inference": {"file": "/etc/passwd"}}, "inference.file is '/etc/passwd', which is outside of"),
    ],
)
def test_what_is_wrong_is_told_where_it_is(write: Write, changes: dict[str, object], problem: str) -> None:
    """Key path, what was found, what is allowed; for a misspelt key the nearest one."""
    assert any(problem in found for found in _problems(write(**changes)))


def test_all_problems_are_told_together_with_their_lines(write: Write) -> None:
    """One reading is enough to correct a manifest."""
    path = write()
    path.write_text("name: digits\nversion: 2\nowner:\n  team: ml\n  contct: x\nextra: 1\n")
    found = _problems(path)
    assert "line 2: version is 2; expected a text; write it in quotes" in found
    assert any(
        problem.startswith("line 5: owner.contct is not known here; did you mean 'contact'?") for problem in found
    )
    assert "line 3: owner.contact is missing" in found
    assert any(problem.startswith("line 6: extra is not known") for problem in found)


def test_adapters(write: Write) -> None:
    """Each has a name of its own, a rank, and the digest of what it was trained on."""
    adapter = {"name": "de", "kind": "qlora", "uri": "models/de", "rank": 8, "base": {"name": "b", "digest": DIGEST}}
    (read,) = load(write(adapters=[adapter])).manifest.adapters or []
    assert (read.kind, read.rank) == ("qlora", 8)
    assert "adapters has 'de' more than once" in _problems(write(adapters=[adapter, adapter]))[0]
    assert "adapters[0]: rank is 0; 1 or more" in _problems(write(adapters=[{**adapter, "rank": 0}]))[0]


@pytest.mark.parametrize("name", ["inference.json", "inference.yaml"])
def test_an_inference_configuration_in_a_file(write: Write, project: Path, name: str) -> None:
    """JSON or YAML; its mistakes are told with that file's name."""
    (project / name).write_text('{"temperature": 0.5, "extras": {"seed": 7}}')
    file = load(write(inference={"file": name}))
    assert file.inference.model_dump(exclude_none=True) == {"temperature": 0.5, "extras": {"seed": 7}}
    (project / name).write_text('{"temperature": 5.0}')
    with pytest.raises(InvalidFile, match=rf"{name}: 1 problem\n.*temperature is 5"):
        load(write(inference={"file": name}))


def test_a_link_out_of_the_project(write: Write, project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """It is no file of the project, whatever it is called."""
    outside = tmp_path_factory.mktemp("outside") / "secret.yaml"
    outside.write_text("{}")
    (project / "inference.yaml").symlink_to(outside)
    assert "which is outside of" in _problems(write(inference={"file": "inference.yaml"}))[0]


def test_cyclic_yaml(write: Write) -> None:
    """It is refused with its line, not followed for ever."""
    path = write()
    path.write_text("name: &a\n  b: *a\n")
    assert _problems(path) == ["line 1: refers to what it is itself in; write it out"]


def test_a_yaml_bomb(write: Write) -> None:
    """Aliases that stand for more than anybody writes are refused before they are filled in."""
    path = write()
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 9)]
    path.write_text("l0: &l0 [x]\n" + "\n".join(levels) + "\n")
    assert "stands for more than 50,000 values" in _problems(path)[0]


def test_a_huge_file(write: Write) -> None:
    """It is not read at all."""
    path = write()
    path.write_bytes(b"#" * (2 << 20))
    assert _problems(path) == ["is larger than 1 MiB; no manifest is"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"name: [1\n", "not valid YAML"),
        (b"- a\n", "is no map"),
        (b"", "is no map"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"a: 1\na: 2\n", "not valid YAML"),
        (b"a: !!python/object:os.system x\n", "not valid YAML"),
    ],
)
def test_what_is_no_manifest(write: Write, content: bytes, problem: str) -> None:
    """Broken YAML, other things than maps, keys said twice, and objects that somebody would have us make."""
    path = write()
    path.write_bytes(content)
    assert problem in _problems(path)[0]


def test_the_schema_for_editors_is_current() -> None:
    """What `sluice schema` prints is what the models are."""
    schema = Manifest.model_json_schema()
    assert schema["additionalProperties"] is False
    assert set(schema["required"]) == {"name", "version", "owner", "model", "data", "evaluation", "inference"}
    assert schema["properties"]["version"]["description"]
