"""Making the certificates of one cluster: an authority, and one certificate that scheduler, workers and the program share."""

from __future__ import annotations

import contextlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from guiapp.engine.cluster.address import TlsFiles
from guiapp.errors import UserFacingError

AUTHORITY, CERTIFICATE, KEY = "authority.pem", "certificate.pem", "key.pem"
_DAYS = 365


def make_certificates(folder: Path, days: int = _DAYS) -> TlsFiles:
    """Write three PEM files that let exactly those who hold them into a cluster.

    The authority's own key is forgotten at once, so that nobody can make another certificate; make new files instead.

    Args:
        folder: Where the files go; none of them may be there already.
        days: How long they are valid.

    Raises:
        UserFacingError: Where the package cryptography is missing, or the files cannot be written.
    """
    try:
        from cryptography import x509  # noqa: PLC0415 - belongs to the extra for clusters
        from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
        from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    except ImportError as error:
        raise UserFacingError(
            "Certificates cannot be made without the package cryptography.", advice="Install it with pip, or make them with openssl."
        ) from error
    files = TlsFiles(folder / AUTHORITY, folder / CERTIFICATE, folder / KEY)
    start, end = datetime.now(UTC) - timedelta(minutes=5), datetime.now(UTC) + timedelta(days=days)

    def certificate(subject: str, key: ec.EllipticCurvePrivateKey, signer: ec.EllipticCurvePrivateKey, *, authority: bool) -> bytes:
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, subject)]))
            .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Temper cluster authority")]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(end)
            .add_extension(x509.BasicConstraints(ca=authority, path_length=0 if authority else None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        )
        return builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    signer, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    private = own.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(files.authority, certificate("Temper cluster authority", signer, signer, authority=True))
        _write(files.certificate, certificate("Temper cluster", own, signer, authority=False))
        _write(files.key, private)
    except OSError as error:
        raise UserFacingError(
            f"The certificates cannot be written: {error.strerror}.", advice="Choose an empty folder of your own.", path=folder
        ) from error
    return files


def _write(path: Path, content: bytes) -> None:
    """Write a new file that only this user can read."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    with contextlib.suppress(OSError):  # a file system without permissions
        path.chmod(0o600)
