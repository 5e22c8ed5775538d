"""The example's stack on the sandbox: what `make up` shows."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from sluice_sandbox.aws.clients import Clients
from sluice_sandbox.aws.supervisor import Aws
from sluice_sandbox.engine.program import Program
from sluice_sandbox.engine.result import Result
from sluice_sandbox.errors import UpdateFailed
from sluice_sandbox.harness import Sandbox, SandboxStack
from tests.stacks.conftest import Example
from tests.support.versions import write_version


@pytest.fixture
def local(sandbox: Sandbox, sandbox_aws: Aws, example: Example) -> SandboxStack:
    """The stack `local`, where no endpoint takes its time."""
    sandbox_aws.set_durations(endpoint_create=0, endpoint_update=0, endpoint_delete=0)
    return sandbox.stack(example.stacks, example.config(), name="local", project="digits")


def changed(result: Result) -> dict[tuple[str, str], list[str]]:
    """Returns the operations on each resource that did not stay as it was, by type and name."""
    done: dict[tuple[str, str], list[str]] = {}
    for record in result.visible:
        if record.op.value != "same":
            done.setdefault((record.type.rpartition(":")[2], record.name), []).append(record.op.value)
    return done


def serving_role(iam: Any) -> str:
    """Returns the role that SageMaker takes."""
    (role,) = [it["RoleName"] for it in iam.list_roles()["Roles"] if "sagemaker" in str(it["AssumeRolePolicyDocument"])]
    return str(role)


def test_the_example_goes_up_changes_a_little_and_goes_away(local: SandboxStack, sandbox_aws: Aws) -> None:
    """Up creates all, up again nothing; a shift of traffic touches one resource; destruction leaves nothing."""
    local.config["digits:endpoint"] |= {"rollout": {"enforced": False}}
    first = local.up()
    assert set(first.changes) == {"create"}
    assert first.outputs["endpoint"] == "digits-local"
    assert first.outputs["traffic"] == {"blue": 90, "green": 10}
    assert local.up().changes == {"same": first.changes["create"]}

    local.config["digits:endpoint"] |= {"traffic": {"blue": 50, "green": 50}}
    preview = local.preview()
    assert changed(preview) == changed(local.up()) == {("LiveEndpoint", "digits"): ["update"]}
    (shift,) = [record for record in preview.visible if record.op.value == "update"]
    assert list(shift.changes) == ["weights.blue", "weights.green"]

    assert set(local.destroy().changes) == {"delete"}
    assert local.state().resources == []
    assert remains(sandbox_aws) == {}


def test_the_example_measures_a_baseline_that_loses_its_traffic(local: SandboxStack) -> None:
    """The guard keeps what is usual of it; what its users meet afterwards changes nothing."""
    local.config["digits:endpoint"] |= {"rollout": {"enforced": False}, "baseline": "blue"}
    local.up()
    local.config["digits:endpoint"] |= {"traffic": {"blue": 0, "green": 100}}
    shift = local.up()
    assert changed(shift) == {("LiveEndpoint", "digits"): ["update"], ("BaselineErrorRate", "digits"): ["update"]}
    assert "the usual error rate of blue is not known" in str(shift.diagnostics)
    assert not local.up().changed


def test_the_example_watched_by_its_alarms_goes_up(local: SandboxStack, sandbox_aws: Aws) -> None:
    """Its role sees the alarms that its deployments heed, and no others."""
    guard = {"strategy": "allAtOnce", "alarms": ["digits-local-green-errors"]}
    local.config["digits:endpoint"] = {**local.config["digits:endpoint"], "deployment": guard}
    local.up()
    iam = Clients("eu-west-1", sandbox_aws.endpoint).client("iam")
    role = serving_role(iam)
    (policy,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
    (seen,) = [it for it in document["Statement"] if it["Sid"] == "DescribeAlarms"]
    assert seen["Resource"] == ["arn:aws:cloudwatch:eu-west-1:123456789012:alarm:digits-local-green-errors"]


def test_the_page_is_known_before_anything_is_made(local: SandboxStack, sandbox_aws: Aws) -> None:
    """A preview shows it whole, to the letter as it is put; the alarms on it are those of the guard's candidates."""
    (planned,) = [it for it in local.preview().visible if it.type == "aws:cloudwatch/dashboard:Dashboard"]
    assert planned.step.new is not None
    local.up()
    cloudwatch = Clients("eu-west-1", sandbox_aws.endpoint).client("cloudwatch")
    body = cloudwatch.get_dashboard(DashboardName="digits-local")["DashboardBody"]
    assert planned.step.new.inputs["dashboardBody"] == body
    (shown,) = [it["properties"]["alarms"] for it in json.loads(body)["widgets"] if it["type"] == "alarm"]
    there = cloudwatch.describe_alarms(AlarmNamePrefix="digits-local-green-")["MetricAlarms"]
    assert shown == sorted(it["AlarmArn"] for it in there)


def test_a_version_of_two_containers_of_the_project_goes_up(
    local: SandboxStack, sandbox_aws: Aws, tmp_path: Path
) -> None:
    """Both artifacts are in the store, the role may read them, and one model of SageMaker's loads them."""
    root = _copy(local, tmp_path).parent
    for name in ("features", "rank"):
        (root / f"{name}.tar.gz").write_text(name)
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/{}@sha256:" + "a" * 64
    containers = [
        {"name": name, "image": image.format(name), "artifact": {"uri": f"{name}.tar.gz"}}
        for name in ("features", "rank")
    ]
    write_version(root, "1", "pair", model={"containers": containers})
    local.config["digits:versions"] = {
        **local.config["digits:versions"],
        "manifests": [*local.config["digits:versions"]["manifests"], "pair-1.model.yaml"],
        "evidence": "advisory",
    }
    endpoint = local.config["digits:endpoint"]
    green = {**endpoint["variants"]["green"], "version": "pair@1"}
    local.config["digits:endpoint"] = {**endpoint, "variants": {**endpoint["variants"], "green": green}}
    assert local.up().outputs["versions"]["green"].startswith("pair@1 ")
    clients = Clients("eu-west-1", sandbox_aws.endpoint)
    sagemaker, iam = clients.client("sagemaker"), clients.client("iam")
    (model,) = [it["ModelName"] for it in sagemaker.list_models()["Models"] if it["ModelName"].startswith("pair-1")]
    urls = [it["ModelDataUrl"] for it in sagemaker.describe_model(ModelName=model)["Containers"]]
    buckets = [it["Name"] for it in clients.client("s3").list_buckets()["Buckets"]]
    (bucket,) = [name for name in buckets if name.startswith("models")]
    digests = {name: hashlib.sha256(name.encode()).hexdigest() for name in ("features", "rank")}
    assert urls == [f"s3://{bucket}/models/pair/1/{name}/{digest}/{name}.tar.gz" for name, digest in digests.items()]
    role = serving_role(iam)
    (policy,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    statements = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]["Statement"]
    (read,) = [it["Resource"] for it in statements if it["Sid"] == "ReadArtifacts"]
    assert {url.replace("s3://", "arn:aws:s3:::") for url in urls} <= set(read)
    assert set(local.up().changes) == {"same"}


def remains(aws: Aws) -> dict[str, Any]:
    """Returns what is left in AWS but for keys, which it keeps for a while, by kind."""
    client = Clients("eu-west-1", aws.endpoint).client
    found = {
        "buckets": client("s3").list_buckets()["Buckets"],
        "roles": client("iam").list_roles()["Roles"],
        "endpoints": client("sagemaker").list_endpoints()["Endpoints"],
        "configurations": client("sagemaker").list_endpoint_configs()["EndpointConfigs"],
        "models": client("sagemaker").list_models()["Models"],
        "registry": client("sagemaker").list_model_package_groups()["ModelPackageGroupSummaryList"],
        "alarms": client("cloudwatch").describe_alarms()["MetricAlarms"],
        "log groups": client("logs").describe_log_groups()["logGroups"],
        "topics": client("sns").list_topics()["Topics"],
        "keys": [
            key
            for key in client("kms").list_keys()["Keys"]
            if client("kms").describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] != "PendingDeletion"
        ],
    }
    return {kind: left for kind, left in found.items() if left}


def test_an_artifact_that_is_not_built_says_what_builds_it(local: SandboxStack, tmp_path: Path) -> None:
    """Both versions are named, with the command to run, before anything is made."""
    stacks = _copy(local, tmp_path)
    shutil.rmtree(stacks / "models" / "digits" / "build")
    assert refused(local) == [
        "CheckpointStore 'models': 2 problems",
        *(
            f"  versions[{index - 1}].artifact.path of digits@{index} is 'models/digits/build/v{index}/model.tar.gz', "
            "which cannot be read: no such file or directory; build it: python stacks/models/digits/train.py"
            for index in (1, 2)
        ),
    ]


def test_an_artifact_that_is_not_what_was_declared_is_refused(local: SandboxStack, tmp_path: Path) -> None:
    """The message has both digests and says how to get the declared file again."""
    stacks = _copy(local, tmp_path)
    with (stacks / "models" / "digits" / "build" / "v2" / "model.tar.gz").open("ab") as file:
        file.write(b"!")
    head, line = refused(local)
    assert head == "CheckpointStore 'models': 1 problem"
    assert line.strip().startswith("versions[1].artifact.sha256 of digits@2 is ")
    assert "build it: python stacks/models/digits/train.py; if it is a new model, declare a new version" in line


def test_a_slot_with_a_version_that_nobody_declared_is_refused(local: SandboxStack) -> None:
    """The message names the file, the slot, and the versions that there are."""
    local.config["digits:endpoint"]["variants"]["green"]["version"] = "digits@3"
    assert refused(local) == [
        "Pulumi.local.yaml: config digits:endpoint: 1 problem",
        (
            "  variants.green.version is 'digits@3', which no manifest declares; did you mean 'digits@2'? "
            "versions there are: digits@1, digits@2"
        ),
    ]


def test_approving_a_version_touches_its_entry_alone(local: SandboxStack) -> None:
    """It is one line in the stack's file, and one change in place."""
    local.up()
    local.config["digits:versions"]["approved"]["digits@2"] = "accuracy of 0.986, and no digit below 0.94"
    preview = local.preview()
    assert changed(preview) == changed(local.up()) == {("ModelPackage", "digits-2"): ["update"]}


def test_what_serves_stays_hot_however_old_it_is(local: SandboxStack, sandbox_aws: Aws) -> None:
    """With a window of one, the older version is in a slot and so has no rule, though nobody gave it a role."""
    local.config["digits:store"]["retention"]["keepHot"] = 1
    local.config["digits:versions"]["keepWarm"] = 0
    local.up()
    s3 = Clients("eu-west-1", sandbox_aws.endpoint).client("s3")
    (bucket,) = [it for it in s3.list_buckets()["Buckets"] if it["Name"].startswith("models")]
    rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket["Name"])
    assert [rule["ID"] for rule in rules["Rules"]] == ["abort-unfinished-uploads"]


def _copy(local: SandboxStack, folder: Path) -> Path:
    """Gives the stack a program folder of its own, and returns it."""
    assert local.program.folder is not None
    stacks = folder / "stacks"
    shutil.copytree(local.program.folder, stacks)
    shutil.copy(local.program.folder.parent / "Pulumi.yaml", folder)
    local.program = Program.from_path(stacks)
    return stacks


def refused(stack: SandboxStack) -> list[str]:
    with pytest.raises(UpdateFailed) as error:
        stack.up()
    return str(error.value.result.errors()).splitlines()
