"""As much of CDDL (RFC 8610) as PROTOCOL.md uses: reads its rules and matches items with them."""
import re

import cbor

TOKEN = re.compile(r'\s*(;.*|"[^"]*"|=>|\.\.|\.[a-z]+|\d*\*\d*|\d+|[a-z][a-z0-9-]*|[][{}(),:=/])')
PRELUDE = {"uint": int, "bytes": bytes, "text": str}


class Rules:
    def __init__(self, text):
        self.tokens = [t for t in TOKEN.findall(text) if not t.startswith(";")]
        squeeze = lambda text: re.sub(r"\s", "", text)
        if squeeze("".join(self.tokens)) != squeeze(re.sub(r";.*", "", text)):
            raise ValueError("CDDL that this reader does not know")
        self.rules = {}
        while self.tokens:
            name = self.next()
            self.expect("=")
            if name in self.rules:
                raise ValueError(f"{name} defined twice")
            self.rules[name] = self.type()

    def next(self):
        return self.tokens.pop(0)

    def expect(self, token):
        found = self.next()
        if found != token:
            raise ValueError(f"{found} instead of {token}, before {self.tokens[:8]}")

    def peek(self, at=0):
        return self.tokens[at] if at < len(self.tokens) else ""

    def type(self):
        choices = [self.controlled()]
        while self.peek() == "/":
            self.next()
            choices.append(self.controlled())
        return choices[0] if len(choices) == 1 else ("choice", choices)

    def controlled(self):
        left = self.simple()
        if self.peek() == "..":
            self.next()
            return ("range", left[1], int(self.next()))
        if self.peek().startswith("."):
            return ("control", self.next(), left, self.simple())
        return left

    def simple(self):
        token = self.next()
        if token.isdigit():
            return ("literal", int(token))
        if token[0] == '"':
            return ("literal", token[1:-1])
        if token == "(":
            inner = self.type()
            self.expect(")")
            return inner
        if token in "[{":
            return ("array", self.group("]")) if token == "[" else ("map", self.group("}"))
        if not token[0].isalpha():
            raise ValueError(f"unexpected {token}")
        return ("name", token)

    def group(self, end):
        """Entries (least, most, key, type); the key of a map, nothing for a name in an array."""
        entries = []
        while self.peek() != end:
            least, most, key = 1, 1, None
            if "*" in self.peek():
                low, high = self.next().split("*")
                least, most = int(low or 0), int(high) if high else 2**64
            if self.peek(1) == ":":
                self.tokens[:2] = []
            elif self.peek(1) == "=>":
                key = self.simple()
                self.expect("=>")
            entries.append((least, most, key, self.type()))
            if self.peek() == ",":
                self.next()
        self.next()
        return entries

    def matches(self, rule, item):
        """Whether the item fits a rule's name or a type."""
        if isinstance(rule, str):
            rule = ("name", rule)
        return getattr(self, "match_" + rule[0])(item, *rule[1:])

    def match_name(self, item, name):
        if name in PRELUDE:
            return type(item) is PRELUDE[name]
        return name == "any" or self.matches(self.rules[name], item)

    def match_literal(self, item, literal):
        return type(item) is type(literal) and item == literal

    def match_range(self, item, low, high):
        return type(item) is int and low <= item <= high

    def match_choice(self, item, choices):
        return any(self.matches(choice, item) for choice in choices)

    def match_control(self, item, control, left, right):
        if not self.matches(left, item):
            return False
        if control == ".size":
            return self.matches(right, len(item.encode() if isinstance(item, str) else item))
        if control == ".ge":
            return item >= right[1]
        if control == ".cbor":
            inner = cbor.decode(item)
            return cbor.encode(inner) == item and self.matches(right, inner)
        raise ValueError(control)

    def match_array(self, item, entries):
        if not isinstance(item, list):
            return False
        rest = list(item)
        for least, most, _, of in entries:
            count = 0
            while count < most and rest and self.matches(of, rest[0]):
                rest.pop(0)
                count += 1
            if count < least:
                return False
        return not rest

    def match_map(self, item, entries):
        if not isinstance(item, dict):
            return False
        rest = dict(item)
        for least, most, key, of in entries:
            fitting = [k for k in rest if self.matches(key, k) and self.matches(of, rest[k])]
            if not least <= len(fitting) <= most:
                return False
            for k in fitting:
                del rest[k]
        return not rest
