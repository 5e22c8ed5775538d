"""Cases of the policy on cost."""

from tests.policies.cases import Cases, but
from tests.policies.good import variant

CASES = {
    "monthly-cost": Cases(
        passing={
            "a type of which nobody knows the price": but(
                configuration={"productionVariants": [variant("blue", "model-1", instanceType="ml.new.xlarge")]}
            )
        },
        failing={
            "many large instances": (
                but(
                    configuration={
                        "productionVariants": [
                            variant("blue", "model-1", instanceType="ml.m5.12xlarge", initialInstanceCount=4)
                        ]
                    }
                ),
                ["monthly estimate is 9,047 USD by the prices of 2026-08-01 in eu-west-1, above 5,000; the most is"],
            )
        },
    )
}
