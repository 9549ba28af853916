#!/usr/bin/env python3
"""Makes one OpenAPI 3.1 document of base.json and the file of each dialect beside it; with a second
argument, writes it as the .cc that the server serves it from.

A dialect's file is an OpenAPI document without what all have in common. Each of its operations lists
in "x-errors" what it may refuse with: [status, error, error_description], or the name of a list in
base.json's "x-error-sets"; they become responses with examples. An empty description stands for
texts that depend on what was sent, {} for a part of one. A dialect that refuses in a form of its own
names that in "x-refusals", with the statuses.
"""

import json
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
REASONS = {202: "Not yet", 400: "Refused", 401: "Not authenticated", 403: "Not allowed",
           404: "Not found", 405: "Wrong method", 409: "Against the state", 410: "Over",
           413: "Too large", 421: "Wrong host", 422: "The approval does not verify",
           429: "Too much; Retry-After says when", 500: "Failed", 501: "Not set up here",
           503: "Not now; Retry-After says when"}


def expanded(errors, sets):
    """The errors, each once, those of named lists in place of their names."""
    found = []
    for error in errors:
        for one in sets[error] if isinstance(error, str) else [error]:
            if one not in found:
                found.append(one)
    return found


def refusals(errors):
    """The responses of these errors, by status."""
    responses = {}
    for status in sorted({error[0] for error in errors}):
        texts = [error[1:] for error in errors if error[0] == status]
        examples = {f"{number}": {"value": {"error": code, "error_description": text or "…"}}
                    for number, (code, text) in enumerate(texts, 1)}
        responses[str(status)] = {"description": REASONS[status], "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/Error"}, "examples": examples}}}
    return responses


def own_refusals(form):
    """The responses of these statuses, in a dialect's own form."""
    schema = {"$ref": f"#/components/schemas/{form['schema']}"}
    return {str(status): {"description": f"{REASONS[status]}; the body says why",
                          "content": {"application/json": {"schema": schema}}}
            for status in form["statuses"]}


def merge(whole, part, name):
    for key, value in part.items():
        if key in whole:
            raise SystemExit(f"{name}: {key} is there already")
        whole[key] = value


def assemble(folder=FOLDER):
    base = json.loads((folder / "base.json").read_text())
    sets = base.pop("x-error-sets")
    common = base.pop("x-common-errors")
    hosts = base.pop("x-hosts")
    document = {**base, "tags": [], "paths": {}}
    for file in sorted(folder.glob("*.json")):
        if file.name == "base.json":
            continue
        dialect = json.loads(file.read_text())
        document["tags"] += dialect["tags"]
        merge(document["components"]["schemas"], dialect["components"]["schemas"], file.name)
        for path, item in dialect["paths"].items():
            for operation in item.values():
                if form := operation.pop("x-refusals", None):
                    operation["responses"].update(own_refusals(form))
                errors = expanded(operation.pop("x-errors") + common, sets)
                for status, response in refusals(errors).items():
                    # What has a body of its own there keeps it.
                    operation["responses"].setdefault(status, response)
            servers = [one for prefix, one in hosts.items() if path.startswith(prefix)]
            merge(document["paths"], {path: {**({"servers": servers[0]} if servers else {}),
                                             **item}}, file.name)
    return document


def source(document):
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    chunk = 8000
    pieces = "\n".join(f'    R"json({text[at:at + chunk]})json"'
                       for at in range(0, len(text), chunk))
    return ('#include "server/api/openapi/document.h"\n\nnamespace server::api::openapi {\n\n'
            f"std::string_view template_text() {{\n    return {pieces.lstrip()};\n}}\n\n"
            "}  // namespace server::api::openapi\n")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(source(assemble()))
    else:
        print(json.dumps(assemble(), ensure_ascii=False, indent=2))
