"""A small OpenID Connect provider for tests: discovery, authorisation code, signed tokens, keys, user info.

`python oidc_provider.py PORT CLAIMS` signs in whoever comes as the person of the claims (JSON).
"""

from __future__ import annotations

import base64
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa


class Provider(ThreadingHTTPServer):
    """`claims` are those of the one person; they may be changed between sign-ins."""

    def __init__(self, claims: dict[str, Any], port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.claims = claims
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.issuer = f"http://127.0.0.1:{self.server_address[1]}"
        self.codes: dict[str, dict[str, str]] = {}
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(BaseHTTPRequestHandler):
    server: Provider

    def log_message(self, *_args: Any) -> None:
        pass

    def answer(self, content: dict[str, Any], status: int = 200) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        issuer, parts = self.server.issuer, urlsplit(self.path)
        if parts.path == "/.well-known/openid-configuration":
            self.answer(
                {
                    "issuer": issuer,
                    "authorization_endpoint": f"{issuer}/authorize",
                    "token_endpoint": f"{issuer}/token",
                    "userinfo_endpoint": f"{issuer}/userinfo",
                    "jwks_uri": f"{issuer}/keys",
                    "response_types_supported": ["code"],
                    "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["RS256"],
                    "token_endpoint_auth_methods_supported": ["client_secret_post"],
                }
            )
        elif parts.path == "/authorize":
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            code = base64.urlsafe_b64encode(str(time.monotonic_ns()).encode()).decode()
            self.server.codes[code] = asked
            self.send_response(302)
            answer = urlencode({"code": code, "state": asked.get("state", "")})
            self.send_header("Location", f"{asked['redirect_uri']}?{answer}")
            self.end_headers()
        elif parts.path == "/keys":
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.server.key.public_key()))
            self.answer({"keys": [{**public, "kid": "1", "use": "sig", "alg": "RS256"}]})
        elif parts.path == "/userinfo" and self.headers.get("Authorization") == "Bearer the-token":
            self.answer(self.server.claims)
        else:
            self.answer({"error": "not_found"}, 404)

    def do_POST(self) -> None:
        given = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        asked = self.server.codes.pop(given.get("code", [""])[0], None)
        if asked is None or given.get("client_secret") != ["secret"]:
            self.answer({"error": "invalid_grant"}, 400)
            return
        moment = int(time.time())
        claims = {**self.server.claims, "iss": self.server.issuer, "aud": asked["client_id"]}
        token = jwt.encode(
            {**claims, "iat": moment, "exp": moment + 60}, self.server.key, "RS256", {"kid": "1"}
        )
        self.answer(
            {"access_token": "the-token", "token_type": "Bearer", "expires_in": 60, "id_token": token}
        )


if __name__ == "__main__":
    Provider(json.loads(sys.argv[2]), int(sys.argv[1]))
    threading.Event().wait()
