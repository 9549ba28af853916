"""What stands behind Firefox's PushManager, on loopback: the push service's WebSocket, by which the
browser registers and is brought what a sender posts, as encrypted as it came. The browser itself
decrypts, and acknowledges with a code whether it could. A sender is held to RFC 8030 and 8292."""

import base64
import json
import secrets

import websockets

from firefox import LoopThread
from push_service import BrowserPushService

ENDPOINT_HOST = "updates.push.services.mozilla.com"
DECRYPTED, NOT_DECRYPTED = 100, 101


class Registration:
    def __init__(self, channel, key):
        self.channel = channel
        self.key = key.rstrip("=")  # the application server's, base64url


class FirefoxPush(BrowserPushService):
    """`preferences` lead a Firefox here, `ca` signs what senders talk to."""

    def __init__(self, folder):
        self.codes = []  # of the browser's acknowledgements
        self.browser = None
        super().__init__(folder, host=ENDPOINT_HOST)
        self.loop_thread = LoopThread()
        self.sockets = self.loop_thread.run(self.listen())
        port = self.sockets.sockets[0].getsockname()[1]
        self.preferences = {
            "dom.push.serverURL": f"ws://127.0.0.1:{port}/",
            "dom.push.testing.allowInsecureServerURL": True,
            "dom.push.connection.enabled": True,
            "permissions.default.desktop-notification": 1,
            "dom.webnotifications.requireuserinteraction": False,
        }

    async def listen(self):
        return await websockets.serve(self.serve, "127.0.0.1", 0)

    async def stop_listening(self):
        self.sockets.close()
        await self.sockets.wait_closed()

    def close(self):
        self.loop_thread.run(self.stop_listening())
        self.loop_thread.close()
        super().close()

    async def serve(self, socket):
        self.browser = socket
        try:
            async for text in socket:
                answer = self.heard(json.loads(text))
                if answer is not None:
                    await socket.send(json.dumps(answer))
        except websockets.ConnectionClosedError:
            pass  # a browser that ends says nothing

    def heard(self, message):
        kind = message.get("messageType")
        if kind == "hello":
            return {"messageType": kind, "status": 200, "use_webpush": True, "broadcasts": {},
                    "uaid": message.get("uaid") or secrets.token_hex(16)}
        if kind == "register":
            token = secrets.token_urlsafe(32)
            with self.lock:
                self.registrations[token] = Registration(message["channelID"], message["key"])
            return {"messageType": kind, "status": 200, "channelID": message["channelID"],
                    "pushEndpoint": f"https://{self.host}/wpush/v2/{token}"}
        if kind == "unregister":
            with self.lock:
                for token, one in list(self.registrations.items()):
                    if one.channel == message["channelID"]:
                        del self.registrations[token]
            return {"messageType": kind, "status": 200, "channelID": message["channelID"]}
        if kind == "ack":
            with self.lock:
                self.codes += [update["code"] for update in message["updates"]]
        return {} if not message else None  # an empty one is a ping

    def deliver(self, registration, body):
        data = base64.urlsafe_b64encode(body).decode().rstrip("=")
        self.loop_thread.run(self.browser.send(json.dumps({
            "messageType": "notification", "channelID": registration.channel,
            "version": secrets.token_hex(8), "data": data,
            "headers": {"encoding": "aes128gcm"}})))
