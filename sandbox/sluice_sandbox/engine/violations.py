"""What policies found."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Violation:
    """A resource, or a whole stack, that a policy objects to."""

    pack: str
    policy: str
    level: str
    """`advisory` or `mandatory`; a mandatory one stops the deployment."""
    message: str
    urn: str = ""

    @property
    def rank(self) -> tuple[bool, str, str]:
        """Where the CLI shows it: mandatory ones first, then by policy, then by resource."""
        return not self.mandatory, self.policy, self.urn

    @property
    def mandatory(self) -> bool:
        return self.level == "mandatory"
