"""A small OpenID Connect provider on this machine, which lets in whoever the test says."""

import base64
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID = "vasari"
CLIENT_SECRET = "a secret of the provider's own making"


class Provider:
    """What the provider knows and does; a test changes it between two logins.

    Attributes:
        claims: of the account that whoever asks is logged in with.
        changes_state: whether it sends browsers back with another state than they came with.
        log_outs: how many browsers it has logged out.
    """

    def __init__(self) -> None:
        self.address = ""
        self.claims: dict[str, Any] = {}
        self.changes_state = False
        self.log_outs = 0
        self._key = RSAKey.generate_key(2048, {"kid": "one"})
        self._codes: dict[str, dict[str, str]] = {}

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            "end_session_endpoint": f"{self.address}/end",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def keys(self) -> dict[str, Any]:
        return {"keys": [self._key.as_dict(private=False)]}

    def authorize(self, asked: dict[str, str]) -> str:
        """Return where a browser that wants to log in is sent."""
        assert asked["client_id"] == CLIENT_ID
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe()
        self._codes[code] = asked
        state = asked["state"] + ("x" if self.changes_state else "")
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': state})}"

    def token(self, given: dict[str, str], authorization: str) -> dict[str, Any]:
        """Return the tokens for a code, which counts once."""
        asked = self._codes.pop(given["code"])
        wanted = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        assert authorization == f"Basic {wanted}"
        assert given["redirect_uri"] == asked["redirect_uri"]
        challenge = base64.urlsafe_b64encode(sha256(given["code_verifier"].encode()).digest())
        assert challenge.decode().rstrip("=") == asked["code_challenge"]
        now = int(time.time())
        claims = {"iss": self.address, "aud": CLIENT_ID, "sub": "1", "iat": now, "exp": now + 300}
        signed = jwt.encode(
            {"alg": "RS256", "kid": "one"},
            claims | {"nonce": asked["nonce"]} | self.claims,
            self._key,
        )
        return {"access_token": "any", "token_type": "Bearer", "id_token": signed}


@contextmanager
def running_provider() -> Iterator[Provider]:
    """Run a provider at an address of this machine."""
    provider = Provider()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if parts.path == "/authorize":
                self._send_on(provider.authorize(asked))
            elif parts.path == "/end":
                provider.log_outs += 1
                self._send_on(asked["post_logout_redirect_uri"])
            elif parts.path == "/keys":
                self._say(provider.keys())
            elif parts.path == "/.well-known/openid-configuration":
                self._say(provider.metadata())
            else:
                self.send_error(404)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            given = {name: values[0] for name, values in parse_qs(body).items()}
            self._say(provider.token(given, self.headers.get("Authorization", "")))

        def log_message(self, format: str, *args: Any) -> None:
            pass

        def _send_on(self, where: str) -> None:
            self.send_response(302)
            self.send_header("Location", where)
            self.end_headers()

        def _say(self, document: dict[str, Any]) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(document).encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    provider.address = f"http://127.0.0.1:{server.server_port}"
    running = threading.Thread(target=server.serve_forever)
    running.start()
    try:
        yield provider
    finally:
        server.shutdown()
        running.join()
        server.server_close()
