"""Which versions a stack declares, and what each is needed for."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sluice import DeclaredVersion, EndpointSettings, VersionRole, VersionsSettings, read_versions
from sluice_sandbox.errors import UpdateFailed
from sluice_sandbox.harness import Sandbox
from tests.support.versions import DIGEST, IMAGE, write_manifest, write_version

Read = Callable[..., list[DeclaredVersion]]


@pytest.fixture
def read(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    """Reads versions in a program of a project that has three; slots and settings are the test's."""
    for version in ("1", "2", "3"):
        write_version(tmp_path, version)
    program = tmp_path / "program"
    program.mkdir()
    monkeypatch.chdir(program)

    def read(slots: dict[str, str], traffic: dict[str, int] | None = None, **settings: Any) -> list[DeclaredVersion]:
        found: list[DeclaredVersion] = []
        manifests = [f"digits-{version}.model.yaml" for version in ("1", "2", "3")]

        def declare() -> None:
            variants = {slot: {"version": version, "instanceType": "ml.m5.large"} for slot, version in slots.items()}
            shares = traffic or dict.fromkeys(list(slots)[:1], 100)
            endpoint = EndpointSettings.parse("e", {"variants": variants, "traffic": shares})
            found.extend(read_versions(VersionsSettings(**{"manifests": manifests, **settings}), endpoint))

        sandbox.stack(declare, name="dev", project="shop").up()
        return found

    return read


def refused(read: Read, *given: Any, **settings: Any) -> list[str]:
    with pytest.raises(UpdateFailed) as error:
        read(*given, **settings)
    return str(error.value.result.errors()).splitlines()


def roles(versions: list[DeclaredVersion]) -> dict[str, VersionRole | None]:
    return {version.label: version.role for version in versions}


def test_what_is_in_a_slot_is_needed(read: Read) -> None:
    """With traffic a version serves, without it stands by; of the others the newest can be gone back to."""
    found = read({"blue": "digits@1", "green": "digits@2"}, {"blue": 100, "green": 0}, keep_warm=1)
    assert roles(found) == {
        "digits@1": VersionRole.SERVING,
        "digits@2": VersionRole.STANDBY,
        "digits@3": VersionRole.ROLLBACK_TARGET,
    }
    assert all(version.warm for version in found)


def test_what_nothing_needs_is_cold(read: Read) -> None:
    """It is declared, without a model; its artifact may age."""
    oldest = read({"blue": "digits@3"}, keep_warm=0)[0]
    assert (oldest.role, oldest.warm, oldest.name) == (None, False, "digits-1")
    assert oldest.stored().role is None


def test_an_artifact_is_stored_under_its_version(read: Read, tmp_path: Path) -> None:
    """Where it is from the program's folder, and what it must be: the same on every machine."""
    stored = read({"blue": "digits@1"})[1].stored()
    assert (stored.name, stored.prefix) == ("digits@2", "models/digits/2/")
    assert stored.artifact is not None
    assert stored.artifact.path == str(Path("..") / "build" / "2.tar.gz")
    assert Path(stored.artifact.path).read_text() == "weights 2"


def test_each_of_several_containers_is_stored(read: Read, tmp_path: Path) -> None:
    """Those with a file of the project, with what builds it; the version as a whole has no artifact."""
    (tmp_path / "rank.tar.gz").write_text("rank")
    built = {"uri": "build/2.tar.gz", "build_command": "make features"}
    containers = [
        {"name": "features", "image": IMAGE, "artifact": built},
        {"name": "lookup", "image": IMAGE},
        {"name": "rank", "image": IMAGE, "artifact": {"uri": "rank.tar.gz"}},
    ]
    write_version(tmp_path, "2", model={"containers": containers})
    version = read({"blue": "digits@1"})[1]
    stored = version.stored()
    assert (version.is_file, stored.artifact) == (True, None)
    assert stored.containers is not None
    assert {name: Path(file.path).read_text() for name, file in stored.containers.items()} == {
        "features": "weights 2",
        "rank": "rank",
    }
    assert stored.containers["features"].build_command == "make features"


def test_what_is_newer_than_the_baseline_is_to_replace_it(read: Read, tmp_path: Path) -> None:
    """The incumbent is what is in the baseline's slot; the baseline itself, and what is older, replaces nothing."""
    slots = {"blue": "digits@2", "green": "digits@3"}
    assert [version.incumbent for version in read(slots)] == [None, None, str(tmp_path / "digits-2.model.yaml")]


def test_a_report_is_stored_beside_the_artifact(read: Read) -> None:
    """As what was locked."""
    version = read({"blue": "digits@1"})[1]
    report, locked = version.stored().report, version.locked.evaluation.report
    assert report is not None
    assert locked is not None
    assert report.path == str(Path("..") / "reports" / "2.json")
    assert f"sha256:{report.sha256}" == locked.digest


def test_approval_is_who_said_so(read: Read) -> None:
    """A version that nobody approved is pending."""
    first, second, _ = read({"blue": "digits@1"}, approved={"digits@1": "good"})
    assert (first.approval_status.value, first.approval) == ("Approved", "good")
    assert (second.approval_status.value, second.approval) == ("PendingManualApproval", None)


def test_everything_wrong_with_locks_is_told_at_once(read: Read, tmp_path: Path) -> None:
    """A file that is not there, a lock that is missing, one that is older, one that was edited, and a path out."""
    (tmp_path / "digits-1.model.lock.json").unlink()
    write_manifest(tmp_path, "2", architecture="other")
    lock = tmp_path / "digits-3.model.lock.json"
    lock.write_text(lock.read_text().replace('"max_tokens": 1', '"max_tokens": 2'))
    names = [*(f"digits-{version}.model.yaml" for version in ("1", "2", "3")), "none.yaml", "../out.yaml"]
    head, *lines = refused(read, {"blue": "digits@1"}, manifests=names)
    assert head == "Pulumi.dev.yaml: config shop:versions: 6 problems"
    for line, said in zip(
        lines,
        [
            "manifests[0]: digits-1.model.lock.json is missing; run: sluice lock",
            "manifests[1]: digits-2.model.lock.json is older than its manifest",
            "manifests[2]: digits-3.model.lock.json subject_digest is",
            "manifests[2]: digits-3.model.lock.json version_digest is",
            "manifests[3] is 'none.yaml', and there is no such file in",
            "manifests[4]: the stack's file manifests[4] is '../out.yaml', which is outside",
        ],
        strict=True,
    ):
        assert line.strip().startswith(said)


def test_two_manifests_with_one_version_are_refused(read: Read, tmp_path: Path) -> None:
    """Both are named."""
    write_version(tmp_path, "1")
    for kind in ("yaml", "lock.json"):
        (tmp_path / f"copy.model.{kind}").write_bytes((tmp_path / f"digits-1.model.{kind}").read_bytes())
    lines = refused(read, {"blue": "digits@1"}, manifests=["digits-1.model.yaml", "copy.model.yaml"])
    assert lines[1:] == ["  manifests copy.model.yaml is digits@1, as digits-1.model.yaml is; give it another version"]


def test_a_slot_holds_a_version_that_there_is(read: Read) -> None:
    """The nearest is named, and all that there are."""
    assert refused(read, {"blue": "digit@1", "green": "digits@2"}) == [
        "Pulumi.dev.yaml: config shop:endpoint: 1 problem",
        (
            "  variants.blue.version is 'digit@1', which no manifest declares; did you mean 'digits@1'? "
            "versions there are: digits@1, digits@2, digits@3"
        ),
    ]


def test_a_slot_holds_no_version_that_nothing_proves(read: Read, tmp_path: Path) -> None:
    """Neither one without an evaluation, nor one that nobody agreed on."""
    write_version(
        tmp_path, "1", contract=None, evaluation={"set": {"name": "holdout", "version": "1", "digest": DIGEST}}
    )
    assert [line.partition(";")[0].strip() for line in refused(read, {"blue": "digits@1"})[1:]] == [
        "variants.blue.version is 'digits@1', whose evaluation.report is missing: digits@1 has not been evaluated",
        "variants.blue.version is 'digits@1', whose contract is missing: nobody said what digits@1 must achieve",
    ]
    assert roles(read({"blue": "digits@2"}, keep_warm=3))["digits@1"] is None


def test_a_slot_holds_no_api_model(read: Read, tmp_path: Path) -> None:
    """SageMaker does not serve it."""
    (tmp_path / "prompt.txt").write_text("Answer {question}.")
    model = {"api": {"provider": "openai", "id": "gpt-4o-2024-08-06"}}
    write_version(tmp_path, "1", model=model, data={"prompt": {"template": "prompt.txt"}})
    assert "an API model, which no endpoint of SageMaker serves" in refused(read, {"blue": "digits@1"})[1]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"approved": {"digits@9": "good"}}, "approved.digits@9 which no manifest declares; did you mean"),
        ({"keep_warm": -1}, "keep_warm is -1; allowed 0 or more"),
    ],
)
def test_settings_that_mean_nothing_are_refused(read: Read, settings: dict[str, Any], said: str) -> None:
    """By their key paths."""
    assert refused(read, {"blue": "digits@1"}, **settings)[1].strip().startswith(said)
