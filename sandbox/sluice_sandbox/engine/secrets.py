"""
Secrets at rest, as Pulumi's passphrase provider keeps them.

AES-256-GCM under a key that PBKDF2 (SHA-256, 1,000,000 rounds) makes of a passphrase and the stack's salt. What this
writes the Pulumi CLI reads, and the other way round.
"""

import base64
import hashlib
import os
from functools import cached_property, lru_cache
from pathlib import Path

from sluice_sandbox.errors import WrongPassphrase

_ROUNDS = 1_000_000
_CHECK = "pulumi"
PASSPHRASE = "PULUMI_CONFIG_PASSPHRASE"
PASSPHRASE_FILE = "PULUMI_CONFIG_PASSPHRASE_FILE"


# A third of a second by design: only a stack that has secrets pays for it, and a test's many runs pay once.
@lru_cache(maxsize=64)
def _derived(passphrase: str, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", passphrase.encode(), salt, _ROUNDS, 32)


class Crypter:
    """Encrypts and decrypts one stack's secrets."""

    def __init__(self, passphrase: str, salt: bytes, state: str = "") -> None:
        self._passphrase = passphrase
        self._salt = salt
        self._state = state

    @classmethod
    def create(cls, passphrase: str) -> "Crypter":
        """Returns a crypter with a salt of its own, for a stack that has none."""
        return cls(passphrase, os.urandom(8))

    @classmethod
    def open(cls, passphrase: str, state: str, where: str) -> "Crypter":
        """
        Returns the crypter for an existing salt, `v1:<salt>:v1:<nonce>:<check>`.

        Raises WrongPassphrase when the passphrase is not the one that made it; `where` names the file for the message.
        """
        try:
            version, salt, check = state.split(":", 2)
            crypter = cls(passphrase, base64.b64decode(salt, validate=True), state)
        except ValueError:
            raise WrongPassphrase(f"{where}: encryptionsalt {state!r} is not a salt that Pulumi made") from None
        if version != "v1" or crypter._try_decrypt(check) != _CHECK:
            raise WrongPassphrase(
                f"{where}: the passphrase is not the one that its secrets were encrypted with; "
                f"set {PASSPHRASE} or {PASSPHRASE_FILE} to that one"
            )
        return crypter

    @cached_property
    def state(self) -> str:
        """The salt as Pulumi stores it, with a word encrypted to tell a wrong passphrase."""
        return self._state or f"v1:{base64.b64encode(self._salt).decode()}:{self.encrypt(_CHECK)}"

    @cached_property
    def _key(self) -> bytes:
        return _derived(self._passphrase, self._salt)

    def encrypt(self, plaintext: str) -> str:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = os.urandom(12)
        sealed = AESGCM(self._key).encrypt(nonce, plaintext.encode(), None)
        return f"v1:{base64.b64encode(nonce).decode()}:{base64.b64encode(sealed).decode()}"

    def decrypt(self, ciphertext: str, where: str) -> str:
        """Returns the plaintext; raises WrongPassphrase, naming `where`, when it was sealed with another key."""
        plaintext = self._try_decrypt(ciphertext)
        if plaintext is None:
            raise WrongPassphrase(f"{where}: cannot be decrypted with this stack's passphrase; set the secret again")
        return plaintext

    def _try_decrypt(self, ciphertext: str) -> str | None:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            _, nonce, sealed = ciphertext.split(":")
            opened = AESGCM(self._key).decrypt(base64.b64decode(nonce), base64.b64decode(sealed), None)
        except (ValueError, InvalidTag):
            return None
        return opened.decode()


class Keys:
    """Makes and opens crypters, asking for the passphrase only once there is a secret."""

    def __init__(self, kept: Path | None = None, salt: str | None = None, where: str = "") -> None:
        """
        `kept` is the file of a passphrase that the sandbox may make up by itself, for users who set none.

        `salt` is the stack configuration's `encryptionsalt`, if any, and `where` that file's name.
        """
        self._kept = kept
        self._salt = salt
        self._where = where
        self._open: dict[str, Crypter] = {}

    def open(self, salt: str, where: str) -> Crypter:
        """Returns the crypter of an existing salt. Raises WrongPassphrase when there is no passphrase, or another."""
        if salt not in self._open:
            passphrase = _passphrase(self._kept)
            if passphrase is None:
                raise WrongPassphrase(
                    f"{where}: it has encrypted values and no passphrase is set; set {PASSPHRASE} or {PASSPHRASE_FILE}"
                )
            self._open[salt] = Crypter.open(passphrase, salt, where)
        return self._open[salt]

    def ensure(self) -> str:
        """Returns the passphrase, made up and kept when the user has set none."""
        passphrase = _passphrase(self._kept)
        if passphrase is not None:
            return passphrase
        if self._kept is None:
            raise WrongPassphrase(f"there is a secret to keep and no passphrase; set {PASSPHRASE}")
        return _make_passphrase(self._kept)

    def new(self) -> Crypter:
        """Returns the crypter for a state that has none yet: the stack configuration's, or one of its own."""
        if self._salt is not None:
            return self.open(self._salt, self._where)
        crypter = Crypter.create(self.ensure())
        self._open[crypter.state] = crypter
        return crypter


def user_passphrase() -> str | None:
    """
    Returns the passphrase that the user has set, as for the Pulumi CLI, or None; an empty one is one.

    Raises WrongPassphrase when the file that should have it cannot be read.
    """
    if PASSPHRASE in os.environ:
        return os.environ[PASSPHRASE]
    if PASSPHRASE_FILE in os.environ:
        file = Path(os.environ[PASSPHRASE_FILE])
        try:
            return file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise WrongPassphrase(f"{PASSPHRASE_FILE} names {file}, which cannot be read ({error.strerror})") from None
    return None


def _passphrase(kept: Path | None) -> str | None:
    if (found := user_passphrase()) is not None:
        return found
    if kept is not None and kept.exists():
        return kept.read_text(encoding="utf-8").strip()
    return None


def _make_passphrase(path: Path) -> str:
    secret = base64.b32encode(os.urandom(20)).decode()
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(secret + "\n")
    return secret
