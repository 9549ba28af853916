#!/usr/bin/python3
"""A mail server on loopback (aiosmtpd) that takes mail over STARTTLS after a log-in, and nothing else.

    mail_server.py CERTIFICATE KEY USER PASSWORD

Prints {"port"} on the first line, then one line for each MAIL transaction that reached RCPT:
{"to", "from", "code", "source", "tls", "greeted"}, `source` being the message in base64 where it was taken.
Serves until its standard input ends.

What it does with mail depends on the receiver's name: gone@ is refused for good (550), busy@ for now
(451) the first time, slow@ is never answered, spam@ is refused once the text has come (554).
"""

import asyncio
import base64
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


def tell(**what):
    print(json.dumps(what), flush=True)


class Handler:
    def __init__(self):
        self.busy = set()

    def say(self, session, envelope, to, code, source=b""):
        tell(to=to, code=code, tls=session.ssl is not None, greeted=session.host_name,
             source=base64.b64encode(source).decode(), **{"from": envelope.mail_from})

    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.split("@")[0]
        if name == "gone":
            self.say(session, envelope, address, 550)
            return "550 5.1.1 no such mailbox"
        if name == "busy" and address not in self.busy:
            self.busy.add(address)
            self.say(session, envelope, address, 451)
            return "451 4.7.1 greylisted, try again later"
        if name == "slow":
            self.say(session, envelope, address, 0)
            await asyncio.sleep(3600)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        if any(address.startswith("spam@") for address in envelope.rcpt_tos):
            return "554 5.7.1 this looks like spam"
        for address in envelope.rcpt_tos:
            self.say(session, envelope, address, 250, envelope.content)
        return "250 2.0.0 OK"


def main():
    certificate, key, user, password = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def authenticate(server, session, envelope, mechanism, data):
        good = data.login == user.encode() and data.password == password.encode()
        return AuthResult(success=good, handled=good)

    async def serve():
        handler = Handler()
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: SMTP(handler, hostname="localhost", tls_context=context, require_starttls=True,
                         auth_required=True, authenticator=authenticate),
            "127.0.0.1", 0)
        tell(port=server.sockets[0].getsockname()[1])
        await loop.run_in_executor(None, sys.stdin.read)
        server.close()

    asyncio.run(serve())


main()
