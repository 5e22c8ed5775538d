"""What the policies of a function's role allow it."""

import json
from typing import Any

import pytest

from sluice_sandbox.lambdas.role import Deed, access_key, allows, deed, deeds

ACCOUNT = "123456789012"
TABLE = f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/journal"
PUT = Deed("dynamodb:PutItem", TABLE)


def _authorization(service: str) -> str:
    return f"AWS4-HMAC-SHA256 Credential=ASIA/20261123/eu-west-1/{service}/aws4_request, SignedHeaders=host"


def _deed(service: str, target: str = "", path: str = "/", **members: Any) -> Deed | None:
    return deed(_authorization(service), target, path, json.dumps(members).encode(), ACCOUNT)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (_deed("dynamodb", "DynamoDB_20120810.PutItem", TableName="journal"), PUT),
        (_deed("dynamodb", "DynamoDB_20120810.PutItem", TableName=TABLE), PUT),
        (
            _deed("sagemaker", "SageMaker.DescribeEndpoint", EndpointName="search"),
            Deed("sagemaker:DescribeEndpoint", f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:endpoint/search"),
        ),
        (
            _deed("sqs", "AmazonSQS.SendMessage", QueueUrl="http://127.0.0.1:1/123456789012/dead"),
            Deed("sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:dead"),
        ),
        (
            _deed("monitoring", "GraniteServiceVersion20100801.DescribeAlarms"),
            Deed("cloudwatch:DescribeAlarms", None),
        ),
        (
            _deed("lambda", path="/2015-03-31/functions/other/invocations"),
            Deed("lambda:InvokeFunction", f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:other"),
        ),
        (_deed("lambda", path="/2015-03-31/functions"), None),
        (_deed("s3", path="/bucket/key"), None),
    ],
)
def test_what_a_request_is_about(found: Deed | None, expected: Deed | None) -> None:
    """The action in IAM's words, and the resource where the request names one."""
    assert found == expected


def test_a_request_in_form() -> None:
    """SNS's requests are forms."""
    body = b"Action=Publish&TopicArn=arn%3Aaws%3Asns%3Aeu-west-1%3A123456789012%3Aalerts&Message=x"
    topic = f"arn:aws:sns:eu-west-1:{ACCOUNT}:alerts"
    assert deed(_authorization("sns"), "", "/", body, ACCOUNT) == Deed("sns:Publish", topic)


def test_whose_request_it_is() -> None:
    """The access key is in the signature's scope."""
    assert access_key(_authorization("sqs")) == "ASIA"
    assert access_key("") is None


def _allowed(*statements: dict[str, Any], asked: Deed = PUT) -> bool:
    return allows([{"Statement": list(statements)}], asked)


ALLOW = {"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": TABLE}


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        (ALLOW, True),
        ({**ALLOW, "Action": ["dynamodb:GetItem", "DynamoDB:Put*"]}, True),
        ({**ALLOW, "Resource": ["arn:aws:dynamodb:*:*:table/*"]}, True),
        ({**ALLOW, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}, True),
        ({"Effect": "Allow", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::*"}, True),
        ({**ALLOW, "Action": "dynamodb:GetItem"}, False),
        ({**ALLOW, "Resource": TABLE + "2"}, False),
        ({"Effect": "Allow", "NotAction": "dynamodb:*", "Resource": "*"}, False),
        ({"Effect": "Allow", "Action": "*", "NotResource": TABLE}, False),
        ({"Effect": "Allow", "Action": "*"}, False),
    ],
)
def test_statements(statement: dict[str, Any], allowed: bool) -> None:
    """Actions and resources may hold wildcards, and be what is left out."""
    assert _allowed(statement) is allowed


def test_a_denial_wins_unless_it_depends() -> None:
    """Conditions of denials cannot be judged here."""
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    assert not _allowed(ALLOW, deny)
    assert _allowed(ALLOW, {**deny, "Condition": {"Bool": {"aws:SecureTransport": "false"}}})
    assert not _allowed()


def test_a_request_without_a_resource() -> None:
    """Whatever resource a policy names will do."""
    assert _allowed(ALLOW, asked=Deed("dynamodb:PutItem", None))
    assert not _allowed(ALLOW, asked=Deed("dynamodb:ListTables", None))


def test_a_transaction_is_allowed_by_what_it_consists_of() -> None:
    """As DynamoDB has no permission for transactions; another request is about one thing."""
    writes = [{"ConditionCheck": {"TableName": "journal"}}, {"Put": {"TableName": TABLE}}]
    body = json.dumps({"TransactItems": writes}).encode()
    asked = (_authorization("dynamodb"), "DynamoDB_20120810.TransactWriteItems", "/", body, ACCOUNT)
    assert deeds(*asked) == [Deed("dynamodb:ConditionCheckItem", TABLE), PUT]
    single = json.dumps({"TableName": TABLE}).encode()
    assert deeds(_authorization("dynamodb"), "DynamoDB_20120810.PutItem", "/", single, ACCOUNT) == [PUT]
    assert deeds(_authorization("s3"), "", "/bucket/key", b"", ACCOUNT) == []
