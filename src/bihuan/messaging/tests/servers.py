"""Real mail servers on loopback: SMTP by aiosmtpd, IMAP by pymap in a process of its own."""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "demouser", "demopass"
READY_SECONDS = 20


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class PostOffice:
    """What arrived, and what the server answers: to recipients by address, to the data as a whole."""

    def __init__(self) -> None:
        self.arrived: list[Envelope] = []
        self.to_recipient: dict[str, str] = {}
        self.to_data: list[str] = []
        self.on_data: Callable[[Envelope], Any] | None = None
        self.sessions = 0
        self.port = 0

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.sessions += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.to_recipient.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self.to_data.pop(0) if self.to_data else "250 OK"
        if answer == "drop":  # takes the mail and says nothing
            self.arrived.append(envelope)
            server.transport.abort()
            return "250 OK"
        if answer.startswith("250"):
            self.arrived.append(envelope)
        if self.on_data is not None:
            self.on_data(envelope)
        return answer

    @property
    def bodies(self) -> list[bytes]:
        return [bytes(one.content or b"") for one in self.arrived]

    def message_ids(self) -> list[str]:
        return [
            found.group(1).decode()
            for one in self.bodies
            if (found := re.search(rb"Message-ID: *(<\S+>)", one))
        ]


@contextmanager
def smtp_server(*, password: str = "", tls: ssl.SSLContext | None = None) -> Iterator[PostOffice]:
    office = PostOffice()
    office.port = free_port()
    more: dict[str, Any] = {}
    if password:

        def check(_server: Any, _session: Any, _envelope: Any, _mechanism: Any, data: Any) -> AuthResult:
            good = isinstance(data, LoginPassword) and data.password == password.encode()
            return AuthResult(success=good, handled=False)

        more = {"authenticator": check, "auth_required": True, "auth_require_tls": False}
    more |= {"tls_context": tls, "require_starttls": True} if tls else {}
    controller = Controller(office, hostname="127.0.0.1", port=office.port, data_size_limit=2**26, **more)
    controller.start()
    try:
        yield office
    finally:
        controller.stop()


class ImapServer:
    """A server with one mailbox; mail is put into it as another program would."""

    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self.port, self.process = port, process

    def client(self) -> imaplib.IMAP4:
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
        client.login(USER, PASSWORD)
        return client

    def put(self, *mails: bytes, folder: str = "Post") -> None:
        client = self.client()
        for one in mails:
            status, said = client.append(folder, "", "", one)
            assert status == "OK", said
        client.logout()

    def flags(self, folder: str = "Post") -> list[bytes]:
        client = self.client()
        client.select(folder, readonly=True)
        _status, data = client.fetch("1:*", "(FLAGS)")
        client.logout()
        return [one for one in data if isinstance(one, bytes)]

    def count(self, folder: str = "Post") -> int:
        client = self.client()
        _status, data = client.select(folder, readonly=True)
        client.logout()
        return int(data[0] or 0)

    def recreate(self, folder: str) -> None:
        """The same folder anew: another UIDVALIDITY."""
        client = self.client()
        client.delete(folder)
        client.create(folder)
        client.logout()


@contextmanager
def imap_server() -> Iterator[ImapServer]:
    port = free_port()
    program = Path(sys.executable).with_name("pymap")
    process = subprocess.Popen(
        [str(program), "--no-tls", "--host", "127.0.0.1", "--port", str(port), "dict", "--demo-data",
         "--demo-user", USER, "--demo-password", PASSWORD],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        end = time.monotonic() + READY_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError("the IMAP server does not start") from None
                time.sleep(0.05)
        yield ImapServer(port, process)
    finally:
        process.terminate()
        process.wait(10)


def self_signed(folder: Path) -> ssl.SSLContext:
    """A certificate that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    start = datetime(2020, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=20_000))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "certificate.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
