#!/usr/bin/env python3
"""Sends every row of table.py to a real appliance and compares each answer word by word."""

import html
import json
import os
import re
import sys
import urllib.parse
from pathlib import Path

import table
from table_world import table_world

SOURCE = Path(os.environ.get("KYSO_SOURCE", "."))


def routes():
    """(method, path) of every row in server/api/routes.cc."""
    text = (SOURCE / "server/api/routes.cc").read_text()
    found = re.findall(r'\{([a-z| ]+),\s*Host::(\w+),\s*"([^"]+)"', text)
    return {(method.strip().upper(), host, path)
            for methods, host, path in found for method in methods.split("|")}


def resolve(value, values):
    """`value` with every @name in it replaced from the world."""
    if isinstance(value, dict):
        return {key: resolve(one, values) for key, one in value.items() if one is not table.ABSENT}
    if isinstance(value, list):
        return [resolve(one, values) for one in value]
    if not isinstance(value, str):
        return value
    return re.sub(r"(?<!\w)@([A-Za-z0-9_]+(?:[-+][A-Z]+)?)", lambda name: values[name[1]], value)


def body_of(endpoint, case, values):
    if isinstance(case.body, bytes):
        return case.body
    members = {**endpoint.good, **case.change}
    if endpoint.form == "json":
        return json.dumps(resolve(members, values)).encode()
    return urllib.parse.urlencode(resolve(members, values)).encode()


def send(client, endpoint, case, values):
    method = case.method or ("POST" if "POST" in endpoint.methods else endpoint.methods[0])
    path = case.path or endpoint.path
    path = path.replace("{id}", table.IDS.get(endpoint.path, table.ANY_ID))
    types = {"json": "application/json", "form": "application/x-www-form-urlencoded",
             "query": None, "none": None}
    has_body = method == "POST" and types[endpoint.form] and not case.content_length
    headers = {"Content-Type": types[endpoint.form] if has_body else None,
               **endpoint.headers, **case.headers}
    pairs = [(name, resolve(one, values)) for name, value in headers.items() if value is not None
             for one in (value if isinstance(value, list) else [value])]
    body = body_of(endpoint, case, values) if has_body else b""
    query = ""
    if endpoint.form == "query" and not case.path:
        query = "?" + body_of(endpoint, case, values).decode()
    name = {"admin": "admin", "any": "api.localhost"}.get(endpoint.host,
                                                          endpoint.host + ".localhost")
    return client.send(case.host or name, method, resolve(path, values) + query, pairs, body,
                       case.content_length or None)


def differences(answer, expected, values):
    """What is not as the table says."""
    found = []

    def compare(name, wanted, got):
        if wanted != got:
            found.append(f"{name}: expected {wanted!r}, actual {got!r}")
    body = answer.json
    compare("status", expected.status, answer.status)
    if expected.body is not None:
        compare("body", resolve(expected.body, values), body)
    if expected.error:
        compare("error", expected.error, body.get("error"))
        compare("members", {"error", "error_description"}, set(body))
        if expected.description == "@any":
            compare("has a description", True, bool(body.get("error_description")))
        else:
            compare("error_description", resolve(expected.description, values),
                    body.get("error_description"))
        compare("Content-Type", "application/json", answer.headers["Content-Type"])
        compare("Cache-Control", "no-store", answer.headers["Cache-Control"])
    if expected.location:
        wanted, got = resolve(expected.location, values), answer.headers["Location"] or ""
        compare("Location", wanted, got[:len(wanted) - 1] + "*" if wanted.endswith("*") else got)
    if expected.shows:
        shown = resolve(expected.shows, values)
        compare("shows it", True, shown in html.unescape(answer.text.decode()) or
                shown in answer.text.decode())
        compare("Content-Type", "text/html; charset=utf-8", answer.headers["Content-Type"])
    for name, wanted in expected.says.items():
        compare(name, resolve(wanted, values), body.get(name))
    missing = [name for name in expected.members if name not in body]
    compare("members that are missing", [], missing)
    if expected.status == 405:
        compare("has Allow", True, bool(answer.headers["Allow"]))
    if found:
        found.append(f"answer: {answer.text[:300]!r}")
    return found


def contradictions(api, endpoint, case, answer):
    """Where the answer is not as the OpenAPI document says."""
    method = case.method or ("POST" if "POST" in endpoint.methods else endpoint.methods[0])
    operation = api.operation(method, endpoint.path)
    if operation is None or case.path or case.host:
        return []
    if str(answer.status) not in operation["responses"]:
        return [f"openapi: no {answer.status} among its responses"]
    schema = api.schema_of(operation, answer.status)
    return ["openapi: " + wrong for wrong in api.check(answer.json, schema)] if schema else []


def check_coverage():
    covered = {(method, endpoint.host, endpoint.path)
               for endpoint in table.ENDPOINTS for method in endpoint.methods}
    return ([f"no rows for {route}" for route in sorted(routes() - covered)] +
            [f"rows for {route}, which routes.cc does not have"
             for route in sorted(covered - routes())])


def main():
    import openapi  # it imports routes() of this file

    failures = check_coverage()
    world = table_world()
    count = 0
    try:
        served = world.client.send("api.localhost", "GET", "/openapi").json
        api = openapi.Document(served)
        if served["servers"] != [{"url": world.appliance.url}]:
            failures.append(f"openapi: served from {served['servers']}")
        for endpoint, case in table.rows():
            count += 1
            try:
                answer = send(world.client, endpoint, case, world.values)
                if endpoint.after and answer.status < 300:
                    getattr(world, endpoint.after)()
                wrong = differences(answer, case.expected, world.values)
                wrong += contradictions(api, endpoint, case, answer)
            except OSError as error:
                wrong = [f"no answer: {error!r}"]
            if wrong:
                failures.append(f"{endpoint.path}, {case.label}\n    " + "\n    ".join(wrong))
    finally:
        world.remove()
    for failure in failures:
        print(failure)
    print(f"{count} cases at {len(table.ENDPOINTS)} endpoints, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
