#!/usr/bin/env python3
"""The OpenAPI document against the route table, against itself, and against the answers that the
error table expects."""

import os
import re
import sys
import unittest
from pathlib import Path

import jsonschema
import table
from error_table import routes

SOURCE = Path(os.environ.get("KYSO_SOURCE", "."))
sys.path.insert(0, str(SOURCE / "server/api/openapi"))
import assemble  # noqa: E402


def published():
    """(method, host, path) of what is there for others. Not the pages between the login host's own
    script and the server, not the apps' pages and files, not what the signing portal's host has of
    the API, and not the second spelling of an address, for clients that append to one that ends in
    a slash."""
    return {(method, host, path) for method, host, path in routes()
            if not path.startswith("//") and
            (host != "login" or path == "/oauth2/authorize") and
            (host != "approve" or path.startswith("/approve/v1/")) and
            (host != "office" or path.startswith("/office/v1/")) and
            host != "portal"}


METHODS = ("get", "post", "put", "patch", "delete")


class Document:
    """The assembled document, and what of it tests and error_table.py ask for."""

    def __init__(self, document):
        self.document = document

    def operations(self):
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    yield method, path, item[method]

    def operation(self, method, path):
        return self.document["paths"].get(path, {}).get(method.lower())

    def check(self, value, schema):
        """What is wrong with `value`; references are into this document."""
        rooted = {**schema, "components": self.document["components"]}
        validator = jsonschema.Draft202012Validator(rooted)
        return [f"{'/'.join(map(str, error.absolute_path))}: {error.message}"
                for error in validator.iter_errors(value)]

    def schema_of(self, operation, status):
        content = operation["responses"].get(str(status), {}).get("content", {})
        return content.get("application/json", {}).get("schema")

    def lists_error(self, operation, status, error, description):
        """A listed text with {} in it stands for any text there, and "…" for every text."""
        content = operation["responses"].get(str(status), {}).get("content", {})
        for example in content.get("application/json", {}).get("examples", {}).values():
            listed = example["value"]
            if listed["error"] != error:
                continue
            pattern = ".*".join(map(re.escape, re.split(r"\{\w*\}", listed["error_description"])))
            if listed["error_description"] == "…" or re.fullmatch(pattern, description, re.S):
                return True
        return False


class OpenApi(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.api = Document(assemble.assemble())

    def test_every_route_has_an_operation_and_every_operation_a_route(self):
        described = {(method.upper(), path) for method, path, _ in self.api.operations()}
        served = {(method, path) for method, _, path in published()}
        self.assertEqual(sorted(served - described), [], "routes without an operation")
        self.assertEqual(sorted(described - served), [], "operations without a route")

    def test_each_operation_is_on_the_host_of_its_route(self):
        # What two hosts serve is described on the API's.
        host_of = dict(sorted(((path, host) for _, host, path in published()),
                              key=lambda pair: pair[1] == "api"))
        for path, item in self.api.document["paths"].items():
            servers = [one["url"] for one in item.get("servers", [{"url": "{{api}}"}])]
            expected = {"approve": "{{approve}}", "office": "{{office}}", "admin": "http://localhost"}
            self.assertEqual(servers, [expected.get(host_of[path], "{{api}}")], path)

    def test_names_are_unique_and_known(self):
        operations = [operation for _, _, operation in self.api.operations()]
        ids = [operation["operationId"] for operation in operations]
        self.assertEqual(len(ids), len(set(ids)))
        tags = {tag["name"] for tag in self.api.document["tags"]}
        schemes = set(self.api.document["components"]["securitySchemes"])
        for operation in operations:
            self.assertLessEqual(set(operation["tags"]), tags)
            for choice in operation["security"]:
                self.assertLessEqual(set(choice), schemes)

    def test_references_lead_somewhere(self):
        schemas = self.api.document["components"]["schemas"]

        def look(value):
            if isinstance(value, dict):
                if "$ref" in value:
                    prefix, _, name = value["$ref"].rpartition("/")
                    self.assertEqual(prefix, "#/components/schemas")
                    self.assertIn(name, schemas)
                for one in value.values():
                    look(one)
            elif isinstance(value, list):
                for one in value:
                    look(one)
        look(self.api.document)

    def test_schemas_are_schemas(self):
        for name, schema in self.api.document["components"]["schemas"].items():
            with self.subTest(schema=name):
                jsonschema.Draft202012Validator.check_schema(schema)

    def test_examples_are_what_the_schemas_say(self):
        count = 0
        for method, path, operation in self.api.operations():
            parts = [operation.get("requestBody", {}), *operation["responses"].values()]
            for content in (one for part in parts for one in part.get("content", {}).values()):
                values = [content["example"]] if "example" in content else []
                values += [one["value"] for one in content.get("examples", {}).values()]
                for value in values:
                    count += 1
                    self.assertEqual(self.api.check(value, content["schema"]), [],
                                     f"{method} {path}: {value}")
        self.assertGreater(count, 300)

    def test_path_parameters_are_described(self):
        for method, path, operation in self.api.operations():
            named = [one["name"] for one in operation.get("parameters", []) if one["in"] == "path"]
            self.assertEqual(named, re.findall(r"\{(\w+)\}", path), f"{method} {path}")

    def test_every_refusal_of_the_error_table_is_listed(self):
        missing = set()
        for endpoint, case in table.rows():
            method = case.method or ("POST" if "POST" in endpoint.methods else endpoint.methods[0])
            operation = self.api.operation(method, endpoint.path)
            expected = case.expected
            if operation is None or not expected.error:
                continue  # a wrong method, or the case of another path
            description = "" if expected.description == "@any" else expected.description
            if not self.api.lists_error(operation, expected.status, expected.error, description):
                missing.add((method, endpoint.path, expected.status, expected.error, description))
        self.assertEqual(sorted(missing), [])

    def test_every_number_of_rssp_is_listed(self):
        missing = set()
        for endpoint, case in table.rows():
            says = case.expected.says
            if not says.get("error") or "errorDescription" not in says:
                continue
            operation = self.api.operation("POST", endpoint.path)
            examples = operation["responses"]["200"]["content"]["application/json"]["examples"]
            listed = {(one["value"]["error"], one["value"]["errorDescription"])
                      for one in examples.values()}
            text = re.sub(r"'CN=[^']*'", "'CN=…'", says["errorDescription"])
            if (says["error"], text) not in listed:
                missing.add((endpoint.path, says["error"], text))
        self.assertEqual(sorted(missing), [])

    def test_good_requests_are_what_the_schemas_say(self):
        for endpoint in table.ENDPOINTS:
            operation = self.api.operation("POST", endpoint.path)
            if "POST" not in endpoint.methods or "requestBody" not in (operation or {}):
                continue
            contents = operation["requestBody"]["content"]
            content = contents.get("application/json") or next(iter(contents.values()))
            self.assertEqual(self.api.check(endpoint.good, content["schema"]), [], endpoint.path)


if __name__ == "__main__":
    unittest.main(verbosity=2)
