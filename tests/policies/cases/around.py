"""Cases of the policies on what is around an endpoint: Lambda, SNS, SQS, KMS, IAM and logs."""

from rule import UNKNOWN
from tests.policies.cases import Cases, but
from tests.policies.good import ACCOUNT, document

_EVERYBODY = {"Sid": "Open", "Principal": "*", "Action": "*", "Resource": "*"}
_OURS = {**_EVERYBODY, "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}


def _granting(action: str, **more: object) -> str:
    return document({"Sid": "It", "Action": action, "Resource": "arn:aws:s3:::weights/*", **more})


CASES = {
    "no-secrets-in-lambdas": Cases(
        passing={
            "the name of a secret": but(rollback={"environment.variables.SECRET_NAME": "prod/slack"}),
            "not known yet": but(rollback={"environment.variables.TOPIC": UNKNOWN}),
        },
        failing={
            "an access key": (
                but(rollback={"environment.variables.ID": "AKIAIOSFODNN7EXAMPLE"}),
                ["environment.variables.ID is an access key of AWS"],
            ),
            "a password in an address": (
                but(rollback={"environment.variables.URL": "postgres://me:hush@db/x"}),
                ["environment.variables.URL is a password in an address"],
            ),
        },
    ),
    "traced-lambdas": Cases(
        failing={"not traced": (but(rollback={"tracingConfig": None}), ["tracingConfig.mode is missing"])}
    ),
    "bounded-lambdas": Cases(
        passing={"none at once, which is off": but(rollback={"reservedConcurrentExecutions": 0})},
        failing={
            "not said": (
                but(rollback={"reservedConcurrentExecutions": None}),
                ["reservedConcurrentExecutions is missing"],
            ),
            "as many as there are": (
                but(rollback={"reservedConcurrentExecutions": -1}),
                ["reservedConcurrentExecutions is -1"],
            ),
        },
    ),
    "lambda-dead-letters": Cases(
        passing={
            "a destination of its own": but(
                {"rollback": {"deadLetterConfig": None}},
                {
                    "failed": (
                        "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
                        {
                            "functionName": "rollback",
                            "destinationConfig": {"onFailure": {"destination": "arn:aws:sqs:eu-west-1:1:dead"}},
                        },
                    )
                },
            )
        },
        failing={
            "lost": (but(rollback={"deadLetterConfig": None}), ["deadLetterConfig.targetArn is missing"]),
        },
    ),
    "encrypted-lambda-environments": Cases(
        passing={"no environment": but(rollback={"kmsKeyArn": None, "environment": None})},
        failing={"no key": (but(rollback={"kmsKeyArn": None}), ["kmsKeyArn is missing"])},
    ),
    "supported-runtimes": Cases(
        passing={"a container": but(rollback={"runtime": None})},
        failing={"an old one": (but(rollback={"runtime": "python3.8"}), ["runtime is 'python3.8'"])},
    ),
    "bounded-lambda-permissions": Cases(
        passing={
            "an account's": but({"rollback-permission": {"sourceArn": None}}),
            "a role": but({"rollback-permission": {"principal": f"arn:aws:iam::{ACCOUNT}:role/on-call"}}),
        },
        failing={
            "anybody's": (
                but({"rollback-permission": {"sourceArn": None, "sourceAccount": None}}),
                ["sourceArn is missing"],
            ),
            "anybody": (but({"rollback-permission": {"principal": "*"}}), ["principal is '*'"]),
        },
    ),
    "encrypted-topics": Cases(
        failing={"no key": (but(alerts={"kmsMasterKeyId": None}), ["kmsMasterKeyId is missing"])}
    ),
    "encrypted-queues": Cases(
        passing={"SQS's own": but({"dead-letters": {"kmsMasterKeyId": None, "sqsManagedSseEnabled": True}})},
        failing={"no key": (but({"dead-letters": {"kmsMasterKeyId": None}}), ["kmsMasterKeyId is missing"])},
    ),
    "private-topics": Cases(
        passing={
            "this account": but(alerts={"policy": document(_OURS)}),
            "not known yet": but(alerts={"policy": UNKNOWN}),
        },
        failing={
            "a topic": (
                but(alerts={"policy": document(_EVERYBODY)}),
                ["policy is open to everybody in statement Open"],
            ),
            "a queue": (
                but({"dead-letters": {"policy": document(_EVERYBODY)}}),
                ["policy is open to everybody in statement Open"],
            ),
        },
    ),
    "rotated-keys": Cases(
        passing={
            "a key pair, which cannot be": but(
                key={"enableKeyRotation": None, "customerMasterKeySpec": "ECC_NIST_P256"}
            )
        },
        failing={"not rotated": (but(key={"enableKeyRotation": None}), ["enableKeyRotation is missing"])},
    ),
    "private-keys": Cases(
        passing={"this account": but(key={"policy": document(_OURS)})},
        failing={
            "everybody": (but(key={"policy": document(_EVERYBODY)}), ["policy is open to everybody in statement Open"])
        },
    ),
    "closed-roles": Cases(
        passing={
            "a whole account on a condition": but(
                role={
                    "assumeRolePolicy": document(
                        {
                            "Principal": {"AWS": ACCOUNT},
                            "Action": "sts:AssumeRole",
                            "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
                        }
                    )
                }
            ),
            "not known yet": but(role={"assumeRolePolicy": UNKNOWN}),
        },
        failing={
            name: (
                but(
                    role={
                        "assumeRolePolicy": document(
                            {"Sid": "It", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
                        )
                    }
                ),
                [f"assumeRolePolicy.Statement.It.Principal is '{principal}'"],
            )
            for name, principal in {
                "everybody": "*",
                "a whole account": f"arn:aws:iam::{ACCOUNT}:root",
                "a whole account by its number": ACCOUNT,
            }.items()
        },
    ),
    "no-wildcard-actions": Cases(
        passing={"a refusal": but(grants={"policy": _granting("*", Effect="Deny")})},
        failing={
            "all": (but(grants={"policy": _granting("*")}), ["policy.Statement.It.Action is '*'"]),
            "all of a service": (but(grants={"policy": _granting("s3:*")}), ["policy.Statement.It.Action is 's3:*'"]),
            "all but some": (
                but(grants={"policy": document({"Sid": "It", "NotAction": "iam:*", "Resource": "arn:aws:s3:::a"})}),
                ["policy.Statement.It.NotAction is all but a few actions"],
            ),
            "all on everything": (
                but(grants={"policy": _granting("*", Resource="*")}),
                ["policy.Statement.It.Action is '*'"],
            ),
        },
    ),
    "scoped-actions": Cases(
        passing={
            "what cannot be confined": but(grants={"policy": _granting("ecr:GetAuthorizationToken", Resource="*")}),
            "a condition": but(
                grants={
                    "policy": _granting(
                        "s3:GetObject",
                        Resource="*",
                        Condition={"StringEquals": {"aws:ResourceAccount": ACCOUNT}},
                    )
                }
            ),
        },
        failing={
            name: (
                but(grants={"policy": _granting(action, Resource="*")}),
                [f"policy.Statement.It.Resource is '*' for {action.lower()}"],
            )
            for name, action in {
                "reading data": "s3:GetObject",
                "writing": "sagemaker:UpdateEndpoint",
                "exposing": "s3:PutBucketPolicy",
                "credentials": "sts:AssumeRole",
            }.items()
        },
    ),
    "no-escalation": Cases(
        passing={
            "to one service": but(
                grants={
                    "policy": _granting(
                        "iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
                    )
                }
            )
        },
        failing={
            "any role": (
                but(grants={"policy": _granting("iam:PassRole")}),
                ["policy.Statement.It.Action is 'iam:passrole'"],
            ),
            "in a role itself": (
                but(role={"inlinePolicies": [{"name": "it", "policy": _granting("iam:CreatePolicyVersion")}]}),
                ["inlinePolicies[0].policy.Statement.It.Action is 'iam:createpolicyversion'"],
            ),
        },
    ),
    "restorable-tables": Cases(
        failing={
            "no backup": (
                but(journal={"pointInTimeRecovery.enabled": False}),
                ["pointInTimeRecovery.enabled is false"],
            ),
            "AWS's own key": (
                but(journal={"serverSideEncryption.kmsKeyArn": None}),
                ["serverSideEncryption.kmsKeyArn is missing"],
            ),
        }
    ),
    "protected-tables": Cases(
        failing={
            "not protected": (
                but(journal={"deletionProtectionEnabled": None}),
                ["deletionProtectionEnabled is missing"],
            )
        }
    ),
    "kept-logs": Cases(
        passing={"longer": but({"endpoint-logs": {"retentionInDays": 731}})},
        failing={
            "for ever, unsaid": (but({"endpoint-logs": {"retentionInDays": None}}), ["retentionInDays is missing"]),
            "for ever": (but({"endpoint-logs": {"retentionInDays": 0}}), ["retentionInDays is 0, for ever"]),
            "too short": (but({"endpoint-logs": {"retentionInDays": 30}}), ["retentionInDays is 30"]),
        },
    ),
    "encrypted-logs": Cases(
        passing={"a key that is not known yet": but({"endpoint-logs": {"kmsKeyId": UNKNOWN}})},
        failing={"no key": (but({"endpoint-logs": {"kmsKeyId": None}}), ["kmsKeyId is missing"])},
    ),
    "owned-resources": Cases(
        passing={
            "tags of the provider": but(key={"tags": None, "tagsAll": {"owner": "us", "environment": "prod"}}),
            "tags that are not known yet": but(key={"tags": UNKNOWN}),
            "another cloud's": but(more={"theirs": ("gcp:storage/bucket:Bucket", {"name": "x"})}),
        },
        failing={
            "no tags": (but(key={"tags": None}), ["tags.owner is missing", "tags.environment is missing"]),
            "an empty one": (but(key={"tags": {"owner": "", "environment": "prod"}}), ["tags.owner is missing"]),
        },
    ),
}
