"""What the sandbox's AWS promises to a program: nothing invented, nothing ignored, nothing told that is secret."""

import asyncio
import importlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from pulumi.provider.experimental import provider as sdk

from sluice_sandbox.aws import functions
from sluice_sandbox.aws.provider import AwsProvider
from sluice_sandbox.aws.supervisor import Aws
from sluice_sandbox.aws.types import all_types
from sluice_sandbox.engine.values import is_secret
from sluice_sandbox.errors import UpdateFailed
from sluice_sandbox.harness import Sandbox
from tests.sandbox.aws import cases
from tests.sandbox.aws.cases import CASES
from tests.sandbox.aws.cases.case import IMAGE, TRUST, Case

REGION = {"aws:region": "eu-west-1"}


def _declared(token: str) -> set[str]:
    """Returns the properties that pulumi_aws declares of a type, as Pulumi's schema names them."""
    _, module, name = token.split(":")
    package = importlib.import_module(f"pulumi_aws.{module.partition('/')[0]}")
    kind = getattr(package, name)
    found = set()
    for attribute in vars(kind).values():
        if isinstance(attribute, property) and attribute.fget is not None:
            found.add(getattr(attribute.fget, "_pulumi_name", ""))
    return found


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_nothing_is_invented(sandbox: Sandbox, sandbox_aws: Aws, case: Case) -> None:
    """Every property in the state is one that the real provider's package declares of the type."""
    sandbox_aws.set_durations(endpoint_create=0)
    stack = sandbox.stack(lambda: case.declare(case.first) and None, REGION)
    stack.up()
    for resource in stack.state().resources:
        if resource.custom and resource.type.startswith("aws:"):
            told = {key for key in {*resource.outputs, *resource.inputs} if not key.startswith("__")}
            assert told <= _declared(resource.type), resource.type


def test_every_type_has_a_case() -> None:
    """A new type comes with its life; an older name of one has the same class."""
    source = "".join(file.read_text() for file in Path(cases.__file__).parent.glob("*.py"))
    lives = "".join(file.read_text() for file in Path(__file__).parent.glob("test_*.py"))
    untested = {
        token
        for token in all_types()
        if f".{token.rpartition(':')[2]}" not in source and f'Case(\n            "{token}"' not in lives
    }
    assert untested == set()


def _unsupported() -> None:
    aws.s3.Bucket("it", acceleration_status="Enabled")


def _unsupported_setting() -> None:
    aws.s3.BucketVersioning("it", bucket="b", mfa="x", versioning_configuration={"status": "Enabled"})


def _pattern() -> None:
    aws.sagemaker.Model(
        "it",
        name="not_a_name!",
        execution_role_arn="arn:aws:iam::123456789012:role/r",
        primary_container={"image": IMAGE},
    )


def _range() -> None:
    aws.cloudwatch.MetricAlarm(
        "it",
        comparison_operator="GreaterThanThreshold",
        evaluation_periods=0,
        period=60,
        metric_name="m",
        namespace="n",
        statistic="Sum",
        threshold=1,
    )


def _enumeration() -> None:
    aws.cloudwatch.MetricAlarm(
        "it",
        comparison_operator="Above",
        evaluation_periods=1,
        period=60,
        metric_name="m",
        namespace="n",
        statistic="Sum",
        threshold=1,
    )


def _length() -> None:
    aws.kms.Key("it", description="x" * 8193)


def _nested() -> None:
    variant: Any = {
        "variant_name": "a_b",
        "model_name": "m",
        "instance_type": "ml.m5.large",
        "initial_instance_count": 1,
    }
    aws.sagemaker.EndpointConfiguration("it", production_variants=[variant])


def _twice() -> None:
    variant: Any = {
        "variant_name": "blue",
        "model_name": "m",
        "instance_type": "ml.m5.large",
        "initial_instance_count": 1,
    }
    aws.sagemaker.EndpointConfiguration("it", production_variants=[variant, variant])


@pytest.mark.parametrize(
    ("program", "path", "reason"),
    [
        (_unsupported, "accelerationStatus", "does not support this property"),
        (_unsupported_setting, "mfa", "does not support this property"),
        (_pattern, "name", "is 'not_a_name!'; AWS says: "),
        (_range, "evaluationPeriods", "is 0; AWS says: "),
        (_enumeration, "comparisonOperator", "is 'Above'; AWS says: "),
        (_length, "description", "AWS says: "),
        (_nested, "productionVariants[0].variantName", "is 'a_b'; AWS says: "),
        (_twice, "productionVariants", "has the variant 'blue' twice"),
    ],
)
def test_bad_input_is_refused_in_the_preview(
    sandbox: Sandbox, program: Callable[[], None], path: str, reason: str
) -> None:
    """With the property's path, what was found and what AWS allows, before anything is made."""
    errors = sandbox.stack(program, REGION).preview().errors()
    assert f"property {path}: " in errors
    assert reason in errors


def test_an_unknown_type(sandbox: Sandbox) -> None:
    """The message names it, those that come close, and who has it."""

    def program() -> None:
        aws.s3.BucketNotification("it", bucket="b")

    errors = sandbox.stack(program, REGION).preview().errors()
    assert "does not have the type aws:s3/bucketNotification:BucketNotification" in errors
    assert "use the Pulumi CLI and AWS for it" in errors
    assert "The closest that it has: " in errors


def test_an_unknown_function(sandbox: Sandbox) -> None:
    """The message names it and those that there are."""
    errors = sandbox.stack(lambda: aws.get_availability_zones() and None, REGION).preview().errors()
    assert "does not have the function aws:index/getAvailabilityZones:getAvailabilityZones" in errors
    assert "getCallerIdentity" in errors


def test_functions(sandbox: Sandbox) -> None:
    """Who one is and where."""

    def program() -> None:
        pulumi.export("account", aws.get_caller_identity().account_id)
        pulumi.export("region", aws.get_region().region)
        pulumi.export("partition", aws.get_partition().partition)

    outputs = sandbox.stack(program, REGION).up().outputs
    assert outputs == {"account": "123456789012", "region": "eu-west-1", "partition": "aws"}


def test_secrets_stay_secret(sandbox: Sandbox, sandbox_aws: Aws) -> None:
    """Whatever AWS tells of a property that was given as a secret is one in the state, tags included."""
    hush = "hush-hush-value"

    def program() -> None:
        aws.iam.Role("role", assume_role_policy=TRUST, description=pulumi.Output.secret(hush))
        aws.s3.Bucket("bucket", tags=pulumi.Output.secret({"code": hush}))

    stack = sandbox.stack(program, REGION)
    stack.up()
    stack.refresh()
    resources = {resource.name: resource for resource in stack.state().resources}
    assert is_secret(resources["role"].outputs["description"])
    assert is_secret(resources["bucket"].outputs["tagsAll"])
    assert hush not in json.dumps(stack.export())
    assert not stack.up().changed


def test_default_tags_of_the_provider(sandbox: Sandbox, sandbox_aws: Aws) -> None:
    """They are on everything that takes tags, and give way to a resource's own."""
    tags = {"owner": "ml", "stage": "test"}

    def program() -> None:
        aws.s3.Bucket("bucket", tags={"stage": "own"})

    stack = sandbox.stack(program, {**REGION, "aws:defaultTags": {"tags": tags}})
    stack.up()
    (bucket,) = [resource for resource in stack.state().resources if resource.name == "bucket"]
    assert bucket.outputs["tagsAll"] == {"owner": "ml", "stage": "own"}
    assert not stack.up().changed


def test_another_region_is_another_place(sandbox: Sandbox, sandbox_aws: Aws) -> None:
    """Everything is made anew there."""

    def program() -> None:
        aws.cloudwatch.LogGroup("group")

    stack = sandbox.stack(program, REGION)
    stack.up()
    stack.config["aws:region"] = "us-east-1"
    assert stack.preview().step("group").op == "replace"


def test_a_missing_delete_is_no_error(sandbox: Sandbox, sandbox_aws: Aws) -> None:
    """What is gone already need not be deleted."""

    def program() -> None:
        aws.cloudwatch.LogGroup("group")

    stack = sandbox.stack(program, REGION)
    stack.up()
    sandbox_aws.reset()
    stack.destroy()
    assert stack.state().resources == []


def test_what_aws_refuses_is_told_in_its_words(sandbox: Sandbox, sandbox_aws: Aws) -> None:
    """Operation, code and message."""

    def program() -> None:
        aws.cloudwatch.LogGroup("one", name="/same")
        aws.cloudwatch.LogGroup("two", name="/same")

    with pytest.raises(UpdateFailed, match=r"CreateLogGroup: ResourceAlreadyExistsException: "):
        sandbox.stack(program, REGION).up()


def test_hosts_of_other_languages_can_look_types_up() -> None:
    """The schema has every type and function, with its inputs, and tells how people write a type."""
    answer = asyncio.run(AwsProvider(lambda: "").get_schema(sdk.GetSchemaRequest(0, "", "")))
    schema = json.loads(answer.schema or "")
    assert set(schema["resources"]) == set(all_types())
    assert set(schema["functions"]) == set(functions.all_functions())
    topic = schema["resources"]["aws:sns/topic:Topic"]
    assert {"name", "tags"} <= set(topic["inputProperties"])
    assert {"arn", "tagsAll", "name"} <= set(topic["properties"])
    written = re.fullmatch(schema["meta"]["moduleFormat"], "sns/topic")
    assert written is not None
    assert written[1] == "sns"
