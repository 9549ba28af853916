#!/usr/bin/env python3
"""Hints to phones, from a portal's request to what a browser would decrypt; and that the inbox has it
whatever becomes of them."""

import json
import secrets
import sys
import tempfile
import unittest
from pathlib import Path

from appliance import answer, wait_until
from world import World

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from push_service import HOST, PushService  # noqa: E402

SETTINGS = f"""answer_seconds = 60

[push]
hosts = ["{HOST}"]
contact = "mailto:admin@kyso.example"
deadline_seconds = 1
"""


class Push(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="kyso-push-")
        cls.addClassCleanup(folder.cleanup)
        cls.service = PushService(folder.name)
        cls.addClassCleanup(cls.service.close)
        cls.world = World(SETTINGS + f'relay = "{cls.service.relay}"\nca = "{cls.service.ca}"')
        cls.addClassCleanup(cls.world.remove)
        cls.world.add_signer("an")
        cls.world.values["credential_a"], _ = cls.world.enrol("an", "an")
        cls.world.owner = {"credential_a": "an"}
        client, secret = cls.world.add_client("Portal", "--all-signers")
        cls.world.values["token_a"] = cls.world.token(client, secret)
        cls.bearer = "Bearer " + cls.world.session(cls.world.phone("an"))

    def call(self, method, path, body=None):
        headers = [("Authorization", self.bearer)]
        if body is not None:
            headers.append(("Content-Type", "application/json"))
        got = self.world.client.send("approve.localhost", method, "/approve/v1/" + path, headers,
                                     json.dumps(body).encode() if body is not None else b"")
        self.assertEqual(got.status, 200, got.text)
        return got.json

    def subscribe(self, behaviour):
        """As the app would; answers what the push service then gets."""
        key = self.call("GET", "push")["application_server_key"]
        made = self.service.subscribe(key, behaviour)
        told = self.call("POST", "push", {**made, "application_server_key": key})
        self.assertEqual(told, {"application_server_key": key, "endpoint": made["endpoint"]})
        return lambda: [one for one in self.service.received()
                        if one["endpoint"] == made["endpoint"]]

    def ask(self):
        _, transaction = self.world.authorize(secrets.token_bytes(32))
        self.addCleanup(answer, "kyso-phone", "reject", "--store", self.world.phone("an"),
                        transaction)
        return transaction

    def becomes(self, transaction, delivery):
        def told():
            shown = self.world.client.send("admin", "GET", "/admin/v1/transactions/" + transaction)
            return shown.json["push"] == delivery
        wait_until(told, delivery)
        waiting = [item["id"] for item in self.world.pending("an")]
        self.assertIn(transaction, waiting, "the inbox is the truth")

    def test_a_phone_is_told_an_id_and_fetches_the_rest(self):
        received = self.subscribe("ok")

        transaction = self.ask()

        self.becomes(transaction, "delivered")
        (message,) = received()
        self.assertEqual(message["status"], 201)
        content = json.loads(message["message"])
        page = f"{self.world.appliance.url.replace('api.', 'approve.')}/c/{transaction}"
        self.assertEqual(content["web_push"], 8030)
        self.assertEqual(content["id"], transaction)
        self.assertEqual(content["notification"]["navigate"], page)
        self.assertEqual(set(content), {"web_push", "id", "notification"})
        self.assertEqual(set(content["notification"]), {"title", "lang", "navigate", "tag"})
        self.assertLessEqual(message["ttl"], 60)
        shown = self.call("GET", "transactions/" + content["id"])
        self.assertEqual(shown["requester"], "Portal")

    def test_without_a_subscription_the_portal_could_be_told_so(self):
        self.call("POST", "push/remove")
        self.assertIsNone(self.call("GET", "push")["endpoint"])

        self.becomes(self.ask(), "no_subscription")

    def test_a_subscription_that_has_ended_is_forgotten(self):
        for behaviour in ("gone", "unknown"):
            received = self.subscribe(behaviour)
            self.becomes(self.ask(), "undeliverable")
            self.assertEqual(len(received()), 1)
            self.assertIsNone(self.call("GET", "push")["endpoint"])

    def test_a_busy_push_service_is_left_alone(self):
        received = self.subscribe("busy")

        self.becomes(self.ask(), "delivered")

        first, second = received()
        self.assertEqual((first["status"], second["status"]), (429, 201))
        self.assertGreaterEqual(second["at"] - first["at"], 1)
        self.assertEqual(first["topic"], second["topic"], "a duplicate takes the first one's place")

    def test_a_silent_push_service_is_pending(self):
        received = self.subscribe("slow")

        transaction = self.ask()

        self.becomes(transaction, "pending")
        wait_until(lambda: len(received()) > 1, "a second attempt")
        self.becomes(transaction, "pending")

    def test_the_key_is_changed_while_phones_go_on(self):
        received = self.subscribe("ok")
        before = self.call("GET", "push")

        rotated = self.world.appliance.admin("push-key", "rotate")

        now = self.call("GET", "push")
        self.assertEqual(now["application_server_key"], rotated["application_server_key"])
        self.assertNotEqual(now["application_server_key"], before["application_server_key"])
        self.assertEqual(now["endpoint"], before["endpoint"])
        self.becomes(self.ask(), "delivered")
        self.assertEqual(received()[-1]["status"], 201)

        self.assertEqual(
            self.world.appliance.admin("push-key", "rotate")["subscriptions_removed"], 1)
        self.assertIsNone(self.call("GET", "push")["endpoint"])

    def test_subscription_and_key_outlive_a_restart(self):
        received = self.subscribe("ok")
        self.world.restart()

        self.becomes(self.ask(), "delivered")
        self.assertEqual(len(received()), 1)


if __name__ == "__main__":
    unittest.main()
