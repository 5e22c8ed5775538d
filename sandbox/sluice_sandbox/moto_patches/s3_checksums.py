"""
Adds to S3: the checksum of an object that was put in parts is told with their number behind a hyphen.

Without it nobody can tell a checksum of checksums from one of the content.
"""

from typing import Any

from moto.s3.models import MultipartChecksumBuilder, S3Backend

from sluice_sandbox.moto_patches.replacing import replace_methods

_MARK = "_sluice_counts_parts"


def needed() -> bool:
    builder = MultipartChecksumBuilder("SHA256", None)
    builder.addPart(b"")
    built = builder.build()
    return built is not None and "-" not in built[1]


def apply() -> None:
    original = S3Backend.complete_multipart_upload
    if hasattr(original, _MARK):
        return

    def complete_multipart_upload(self: S3Backend, *given: Any, **named: Any) -> Any:
        key = original(self, *given, **named)
        if key is not None and key.checksum_type == "COMPOSITE":
            key.checksum_value = f"{key.checksum_value}-{key.checksum_parts}"
        return key

    setattr(complete_multipart_upload, _MARK, True)
    replace_methods(S3Backend, complete_multipart_upload=complete_multipart_upload)
