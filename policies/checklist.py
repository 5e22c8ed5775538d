"""
What others ask of the types that models are deployed with, and what of it we do not: each with a reason.

Every identifier here is the business of a policy, which says so in `covers`, or of a waiver below; nothing is neither.
"""

_CHECKOV = (
    "7 18 19 20 21 22 26 27 28 33 45 50 53 54 55 56 60 61 62 63 66 98 115 116 117 119 122 145 158 168 169 173 "
    "272 286 287 288 289 290 300 301 306 307 319 338 355 363 364 367 368 369 370 371 372"
)
CHECKOV = tuple(f"CKV_AWS_{number}" for number in _CHECKOV.split())
"""Checkov's checks of SageMaker, S3, Lambda, SNS, SQS, KMS, IAM, DynamoDB, alarms and logs, as its sources say."""
SECURITY_HUB = tuple(f"SageMaker.{number}" for number in (*range(1, 6), *range(8, 26)))
"""AWS Security Hub's controls of SageMaker but those on the tags of images (6 and 7)."""
ALL = (*CHECKOV, *SECURITY_HUB)

ASKED = {
    "A version has a report about its own digest": ("evaluated-versions",),
    "The evaluation set is large enough for the margin": ("enough-examples",),
    "The contract is older than the report": ("criteria-first",),
    "Weights are pinned": ("pinned-artifacts", "pinned-packages"),
    "Images are pinned": ("pinned-images",),
    "Data is pinned": ("pinned-data",),
    "API models are pinned": ("pinned-api-models",),
    "Licence and lineage are known": ("recorded-lineage",),
    "No rise skips a rung, none goes from 0 to 100": ("enforced-gates", "gradual-ladders", "rungs-only"),
    "Nobody forces a rise without an approver": ("named-approvers",),
    "Soak and shadow are as long as the environment asks": ("enough-soak",),
    "Freezes are declared": ("declared-freezes",),
    "An endpoint has one mechanism of deployment": ("single-deployer",),
    "An endpoint has a guard with three triggers": ("guarded-endpoints",),
    "Alarms act, and say what missing data means": ("acting-alarms",),
    "What lost its traffic stands by": ("kept-standby",),
    "A variant has two instances": ("several-instances",),
    "The record of movements is kept": ("protected-tables",),
    "Owner and contact are known": ("accountable-versions", "owned-resources"),
    "There is a dashboard": ("watched-endpoints",),
    "There is a schedule of evaluations": ("reevaluated-endpoints",),
    "The end of life is known": ("known-end-of-life",),
    "Near its end a version has a successor": ("successor-in-time",),
    "Retired API models are forbidden": ("no-retired-models",),
    "The last versions are kept": ("kept-versions",),
    "Nothing live can expire": ("live-artifacts-stay",),
    "Cold storage comes before deletion": ("cold-before-deletion",),
    "The cost a month is estimated": ("monthly-cost",),
}
"""What Sluice itself asks besides security, and the policies that ask it."""
WAIVED = {
    "CKV_AWS_117": (
        "A Lambda in a VPC reaches AWS through endpoints or a NAT gateway, and does not when those fail. The one that "
        "takes traffic from a bad version at night is to depend on as little as possible; it serves no users."
    ),
    "CKV_AWS_272": (
        "Code signing needs a signing profile of AWS Signer, and a person or a service that signs. The code of our "
        "Lambda comes with the plugin, whose version is pinned, and its hash is in the diff that is reviewed."
    ),
    "SageMaker.16": (
        "It asks for a Docker registry of one's own in the VPC. Images are in private ECR repositories, named by "
        "digest (pinned-images) and pulled through the VPC's endpoint where a network is declared. registryAccess of "
        "ModelVersion is there for whoever runs such a registry."
    ),
    "SageMaker.19": "The same as SageMaker.16, of versions with several containers.",
}
"""What no policy asks, and why."""
