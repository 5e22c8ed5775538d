"""The secrets of one checkpoint: in the clear in memory, encrypted on disk."""

import json
from typing import Any

from sluice.provider.wire import SECRET, SIGNATURE, Json
from sluice_sandbox.engine import values
from sluice_sandbox.engine.secrets import Crypter, Keys
from sluice_sandbox.errors import StateDamaged


class SecretStore:
    """Seals and unseals the secrets of one checkpoint, and knows whether there are any."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._crypter: Crypter | None = None
        self._adopted: tuple[str, str] | None = None
        self._sealed: dict[tuple[str, str], str] = {}
        self.used = False

    @property
    def salt(self) -> str:
        """The salt as the state records it."""
        return self._adopted[0] if self._adopted else self._get().state

    def adopt(self, providers: dict[str, Any] | None, where: str) -> None:
        """Takes over the salt of a state that was read. Raises StateDamaged for other secrets providers."""
        if not providers:
            return
        if providers.get("type") != "passphrase":
            raise StateDamaged(
                f"its secrets are kept by {providers.get('type')!r}; the sandbox knows `passphrase` only"
            )
        self._adopted = (providers["state"]["salt"], where)
        self.used = True

    def seal(self, urn: str, properties: Json) -> Json:
        """Returns properties fit for the disk: secrets encrypted, whole numbers without a fraction."""
        if isinstance(properties, float) and properties.is_integer():
            return int(properties)
        if isinstance(properties, list):
            return [self.seal(urn, item) for item in properties]
        if not isinstance(properties, dict):
            return properties
        if values.is_secret(properties):
            return {
                SIGNATURE: SECRET,
                "ciphertext": self._encrypt(urn, json.dumps(self.seal(urn, properties["value"]))),
            }
        return {key: self.seal(urn, item) for key, item in properties.items()}

    def unseal(self, urn: str, properties: Json) -> Json:
        """Returns properties as the engine has them: secrets in the clear, in memory only."""
        if isinstance(properties, list):
            return [self.unseal(urn, item) for item in properties]
        if not isinstance(properties, dict):
            return properties
        if properties.get(SIGNATURE) == SECRET:
            return {SIGNATURE: SECRET, "value": self._decrypt(urn, properties["ciphertext"])}
        return {key: self.unseal(urn, item) for key, item in properties.items()}

    def _encrypt(self, urn: str, plaintext: str) -> str:
        self.used = True
        # The same secret of the same resource keeps its ciphertext, so that an update without changes changes nothing.
        if (urn, plaintext) not in self._sealed:
            self._sealed[urn, plaintext] = self._get().encrypt(plaintext)
        return self._sealed[urn, plaintext]

    def _decrypt(self, urn: str, ciphertext: str) -> Json:
        plaintext = self._get().decrypt(ciphertext, urn)
        self._sealed[urn, plaintext] = ciphertext
        return json.loads(plaintext)

    def _get(self) -> Crypter:
        if self._crypter is None:
            self._crypter = self._keys.open(*self._adopted) if self._adopted else self._keys.new()
        return self._crypter
