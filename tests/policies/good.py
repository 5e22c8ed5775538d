"""
A stack of everything that policies look at, to which none of them objects.

Whoever wants one that fails for one reason alone changes one thing of it.
"""

from tests.policies.good_deployment import VERSION, variant
from tests.policies.good_parts import ACCOUNT, DIGEST, GOOD, IMAGE, KEY, NETWORK, ROLE, TAGS, document, stack
from tests.policies.good_surroundings import ABORT

__all__ = [
    "ABORT",
    "ACCOUNT",
    "DIGEST",
    "GOOD",
    "IMAGE",
    "KEY",
    "NETWORK",
    "ROLE",
    "TAGS",
    "VERSION",
    "document",
    "stack",
    "variant",
]
