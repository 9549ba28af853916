"""A portal that speaks CSC v2 and takes no failure for an answer: it repeats every call until it is
answered or clearly refused."""

import base64
import http.client
import json
import socket
import ssl
import time
import urllib.parse

CALL_TIME = 20.0
PATIENCE = 90.0  # for one call, with its repetitions

SHA256 = "2.16.840.1.101.3.4.2.1"
ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2"


class Refused(Exception):
    """A clear no: the request itself is wrong or too late, repeating it changes nothing."""


class _Connection(http.client.HTTPSConnection):
    """To the host's own name, at the loopback address: RFC 6761 §6.3 without a resolver."""

    def connect(self):
        plain = socket.create_connection(("127.0.0.1", self.port), self.timeout)
        self.sock = self._context.wrap_socket(plain, server_hostname=self.host)


class Portal:
    def __init__(self, url, authority, client_id, client_secret, credential):
        self._url = urllib.parse.urlsplit(url)
        self._context = ssl.create_default_context(cafile=authority)
        basic = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
        self._basic = "Basic " + basic
        self._bearer = None
        self._credential = credential
        self.repeated = 0

    def _post_once(self, path, body, headers):
        connection = _Connection(self._url.hostname, self._url.port, context=self._context,
                                 timeout=CALL_TIME)
        try:
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read() or b"{}")
        finally:
            connection.close()

    def _post(self, path, body, headers):
        """Until something other than `try again`."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                status, answer = self._post_once(path, body, headers)
                if status < 500 and status != 429:
                    return status, answer
                failure = f"{status} {answer}"
            except (OSError, http.client.HTTPException, ValueError) as error:
                failure = repr(error)
            if time.monotonic() > deadline:
                raise Refused(f"{path}: still {failure}")
            self.repeated += 1
            time.sleep(0.02)

    def _sign_in(self):
        headers = {"Authorization": self._basic,
                   "Content-Type": "application/x-www-form-urlencoded"}
        status, answer = self._post("/oauth2/token", "grant_type=client_credentials", headers)
        if status != 200:
            raise Refused(f"token: {status} {answer}")
        self._bearer = "Bearer " + answer["access_token"]

    def _ask(self, method, body):
        if self._bearer is None:
            self._sign_in()
        headers = {"Authorization": self._bearer, "Content-Type": "application/json"}
        return self._post("/csc/v2/" + method, json.dumps(body), headers)

    def authorize(self, digest):
        """The handle of the request for one hash."""
        status, answer = self._ask("credentials/authorize", {
            "credentialID": self._credential, "numSignatures": 1,
            "hashes": [base64.b64encode(digest).decode()], "hashAlgorithmOID": SHA256,
            "signAlgo": ECDSA_WITH_SHA256})
        if status != 202:
            raise Refused(f"authorize: {status} {answer}")
        return answer["handle"]

    def check(self, handle):
        """The SAD, or None while the phone is still to answer."""
        status, answer = self._ask("credentials/authorizeCheck", {"handle": handle})
        if status not in (200, 202):
            raise Refused(f"authorizeCheck: {status} {answer}")
        return answer.get("SAD")

    def sign(self, sad, digest):
        """(signature, "") or (None, the refusal)."""
        status, answer = self._ask("signatures/signHash", {
            "credentialID": self._credential, "SAD": sad,
            "hashes": [base64.b64encode(digest).decode()], "hashAlgorithmOID": SHA256,
            "signAlgo": ECDSA_WITH_SHA256})
        if status == 200:
            return base64.b64decode(answer["signatures"][0]), ""
        return None, answer.get("error_description", str(answer))
