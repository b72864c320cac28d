"""Where a scheduler is and how it is spoken to; what would leave a computer open to its network is refused."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from guiapp.engine.cluster.dask_package import distributed
from guiapp.errors import UserFacingError

_FORM = "Write it as Dask's scheduler prints it: tls://host:port, or tcp://host:port."


@dataclass(frozen=True)
class TlsFiles:
    """The three files with which both ends of a connection prove who they are, in PEM format."""

    authority: Path
    """Certificate of the authority that signed the certificates of scheduler and workers."""
    certificate: Path
    """This user's certificate."""
    key: Path
    """The private key of that certificate."""

    def security(self) -> Any:
        """Return them as a ``distributed.Security`` that takes no unencrypted connection.

        Raises:
            UserFacingError: Where a file is missing or is no certificate or key.
        """
        for title, path in (("authority's certificate", self.authority), ("certificate", self.certificate), ("private key", self.key)):
            if not path.expanduser().is_file():
                raise UserFacingError(f"The file of the {title} for TLS is not there.", advice="Check the path.", path=path)
        security = distributed().Security(
            require_encryption=True,
            tls_ca_file=str(self.authority.expanduser()),
            tls_client_cert=str(self.certificate.expanduser()),
            tls_client_key=str(self.key.expanduser()),
        )
        try:
            security.get_connection_args("client")
        except OSError as error:  # ssl.SSLError is one
            raise UserFacingError(
                f"The certificate, its key and the authority's certificate do not fit together: {error}.",
                advice="All three are PEM files, and the key belongs to the certificate.",
                path=self.certificate,
            ) from error
        return security


@dataclass(frozen=True)
class SchedulerAddress:
    """An address that may be connected to; see ``checked``."""

    url: str
    tls: TlsFiles | None = None
    without_tls: bool = False
    """Whether the user accepts a connection over a network that nobody encrypts or checks."""

    def checked(self) -> SchedulerAddress:
        """Return this address where it is sound.

        Raises:
            UserFacingError: Where it is none, lacks its certificates, or would speak in the clear over a network.
        """
        scheme, host = _parts(self.url)
        if scheme == "tls" and self.tls is None:
            raise UserFacingError(
                f"{self.url} is an encrypted address, and no certificates were given for it.",
                advice="Give the three files that the cluster's administrator, or you, made: authority, certificate, key.",
            )
        if scheme == "tcp" and self.tls is not None:
            raise UserFacingError(
                f"Certificates were given, but {self.url} is an address without encryption.",
                advice=f"Write {self.url.replace('tcp', 'tls', 1)}, and start scheduler and workers with certificates too.",
            )
        if scheme == "tcp" and not (self.without_tls or _is_this_machine(host)):
            raise UserFacingError(
                f"{self.url} is on another machine and not encrypted: anyone on the network between could read your structures, change "
                "results, and run programs as you on every worker.",
                advice="Start the scheduler with TLS (the documentation of clusters shows how) and use tls://, or accept the risk with "
                "--cluster-without-tls where you trust everybody on that network.",
            )
        return self

    def security(self) -> Any:
        """Return the ``distributed.Security`` of the address, None where it is not encrypted."""
        return self.tls.security() if self.tls is not None else None


def _parts(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme, parts.hostname, parts.port
    except ValueError:
        scheme, host, port = "", None, None
    if scheme not in {"tcp", "tls"} or not host or not port or parts.path or parts.query:
        raise UserFacingError(f"“{url}” is no address of a scheduler.", advice=_FORM)
    return scheme, host


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
