"""
What others ask of the types that models are deployed with, and what of it we do not: each with a reason.

Every identifier here is the business of a policy, which says so in `covers`, or of a waiver below; nothing is neither.
"""

CHECKOV = (
    *("CKV_AWS_98", "CKV_AWS_367", "CKV_AWS_368", "CKV_AWS_369", "CKV_AWS_370", "CKV_AWS_371", "CKV_AWS_372"),
    *("CKV_AWS_18", "CKV_AWS_19", "CKV_AWS_20", "CKV_AWS_21", "CKV_AWS_53", "CKV_AWS_54", "CKV_AWS_55", "CKV_AWS_56"),
    *("CKV_AWS_145", "CKV_AWS_300"),
    *("CKV_AWS_45", "CKV_AWS_50", "CKV_AWS_115", "CKV_AWS_116", "CKV_AWS_173", "CKV_AWS_272", "CKV_AWS_363"),
    *("CKV_AWS_364", "CKV_AWS_26", "CKV_AWS_27", "CKV_AWS_168", "CKV_AWS_169", "CKV_AWS_7", "CKV_AWS_33"),
    *("CKV_AWS_60", "CKV_AWS_61", "CKV_AWS_62", "CKV_AWS_63", "CKV_AWS_286", "CKV_AWS_287", "CKV_AWS_288"),
    *("CKV_AWS_289", "CKV_AWS_290", "CKV_AWS_355", "CKV_AWS_66", "CKV_AWS_158", "CKV_AWS_338"),
)
"""Checkov's checks of SageMaker, S3, Lambda, SNS, SQS, KMS, IAM and logs, by what its own sources say they ask."""
SECURITY_HUB = tuple(f"SageMaker.{number}" for number in (*range(1, 6), *range(8, 26)))
"""AWS Security Hub's controls of SageMaker but those on the tags of images (6 and 7)."""
ALL = (*CHECKOV, *SECURITY_HUB)

WAIVED = {
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
