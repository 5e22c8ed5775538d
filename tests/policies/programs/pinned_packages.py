"""Programs that serve models by what they are, and by their entries in a registry."""

import pulumi_aws as aws

from tests.policies.programs import ARTIFACT, IMAGE, ROLE

PACKAGE = "arn:aws:sagemaker:eu-west-1:123456789012:model-package/digits/3"


def _model(**container: str) -> None:
    given = aws.sagemaker.ModelPrimaryContainerArgs(**container)
    aws.sagemaker.Model("it", execution_role_arn=ROLE, primary_container=given)


PASSING = {"image and artifact": lambda: _model(image=IMAGE, model_data_url=ARTIFACT)}
FAILING = {
    "an entry of a registry": (
        lambda: _model(model_package_name=PACKAGE),
        [f"primaryContainer.modelPackageName is '{PACKAGE}'"],
    ),
}
