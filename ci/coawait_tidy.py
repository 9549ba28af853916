#!/usr/bin/env python3
"""Finds the coroutine shapes that g++ 12 miscompiles or that outlive what they capture.

In a full expression with co_await, g++ 12 destroys a temporary aggregate and the captures of a
lambda twice; and it evaluates the co_await in `while (a && co_await b())` even when a is false. The law is therefore lexical: no braces, no capturing lambda and no co_spawn around a
co_await; what is needed is named on the line before. Separately, co_spawn and coroutine lambdas
with captures (which dangle once the lambda is gone) stand only in the files named below.
"""

import bisect
import re
import sys

SPAWNING_FILES = ("listener.cc", "app.cc", "blocking_pool.h")

TOKEN = re.compile(
    r"""(?P<space>\s+|\\\n)
      | (?P<comment>//(?:\\\n|[^\n])*|/\*.*?\*/)
      | (?P<raw>(?:u8|[uUL])?R"(?P<delimiter>[^()\\\s]{0,16})\(.*?\)(?P=delimiter)")
      | (?P<string>(?:u8|[uUL])?"(?:\\.|[^"\\\n])*")
      | (?P<number>\.?\d(?:'?[\w.]|(?<=[eEpP])[+-])*)
      | (?P<char>(?:u8|[uUL])?'(?:\\.|[^'\\\n])+')
      | (?P<directive>\#[^\n]*(?:(?<=\\)\n[^\n]*)*)
      | (?P<word>[A-Za-z_]\w*)
      | (?P<mark>->|::|\[\[|.)""",
    re.S | re.X,
)

CLOSING = {")": "(", "]": "[", "}": "{"}
DECLARING = {"struct", "class", "union", "enum", "namespace", "extern", "requires"}
CONTROL = {"if", "while", "for", "switch", "catch"}
BODY_AFTER = {")", "else", "do", "try", "const", "noexcept", "override", "final", "mutable"}
BEFORE_OPERAND = {"return", "co_return", "co_await", "co_yield", "case", "else", "do", "and", "or",
                  "not"}


def tokens_of(text):
    """[(word, line)] without comments and directives; a string or character is one token."""
    line_starts = [m.end() for m in re.finditer("\n", text)]
    tokens = []
    for match in TOKEN.finditer(text):
        kind = match.lastgroup
        if kind in ("space", "comment", "directive"):
            continue
        word = '""' if kind in ("raw", "delimiter", "string", "char") else match.group()
        line = bisect.bisect_right(line_starts, match.start()) + 1
        # An attribute opens with two brackets and closes with two: keep them apart for matching.
        tokens.extend([("[", line), ("[", line)] if word == "[[" else [(word, line)])
    return tokens


class Source:
    """Tokens with their brackets matched and each opening brace told apart: a body or a value."""

    def __init__(self, text):
        tokens = tokens_of(text)
        self.words = [word for word, _ in tokens]
        self.lines = [line for _, line in tokens]
        self.partner = {}
        self.parent = [None] * len(tokens)  # index of the innermost open bracket
        self.bodies = set()  # indices of `{` that open a body
        self._match()

    def _match(self):
        open_brackets = []
        for i, word in enumerate(self.words):
            if word in CLOSING:
                # An unbalanced file (half of an #if) is read as well as it can be.
                while open_brackets and self.words[open_brackets[-1]] != CLOSING[word]:
                    open_brackets.pop()
                if open_brackets:
                    opening = open_brackets.pop()
                    self.partner[i] = opening
                    self.partner[opening] = i
            self.parent[i] = open_brackets[-1] if open_brackets else None
            if word in ("(", "[", "{"):
                if word == "{" and self._opens_body(i):
                    self.bodies.add(i)
                open_brackets.append(i)

    def _in_body(self, i):
        return self.parent[i] is None or self.parent[i] in self.bodies

    def _opens_body(self, i):
        before = self.words[i - 1] if i else ";"
        if before in BODY_AFTER:
            return True
        if before in ("{", "}", ";", ":"):
            return self._in_body(i)
        if before == "]":
            return self.introduces_lambda(self.partner.get(i - 1, i - 1))
        return self._declares(i) or self._ends_trailing_type(i)

    def _statement_words(self, i):
        """Indices before i, nearest first, of the same statement and the same bracket."""
        j = i - 1
        while j >= 0 and j != self.parent[i]:
            if self.words[j] in CLOSING and j in self.partner:
                if self.words[j] == "}" and self.partner[j] in self.bodies:
                    return
                j = self.partner[j]
            elif self.words[j] == ";":
                return
            yield j
            j -= 1

    def _declares(self, i):
        if not self._in_body(i):
            return False
        words = [self.words[j] for j in self._statement_words(i)]
        # `struct X x{…}` and `auto x = X{…}` are values; a declaration has no `=` at this level.
        return any(word in DECLARING for word in words) and "=" not in words

    def _ends_trailing_type(self, i):
        for j in self._statement_words(i):
            word = self.words[j]
            if word == "->":
                return self.words[j - 1] in (")", "]", "mutable", "noexcept", "const")
            if not (re.match(r"\w", word) or word in ("::", "<", ">", ",", "*", "&", "(", "[")):
                return False
        return False

    def introduces_lambda(self, i):
        """Whether the `[` at i starts a lambda rather than an index or an attribute."""
        before = self.words[i - 1] if i else ";"
        if before == "[" or (i + 1 < len(self.words) and self.words[i + 1] == "["):
            return False
        if before in BEFORE_OPERAND:
            return True
        # `auto& [a, b]` names the parts of a value.
        at = i - 1
        while at > 0 and self.words[at] == "&":
            at -= 1
        if self.words[at] == "auto":
            return False
        return not (re.match(r'[\w"]', before) or before in (")", "]"))

    def captures(self, i):
        return self.introduces_lambda(i) and self.partner.get(i, i + 1) > i + 1

    def lambda_body(self, i):
        """The `{` of the lambda whose introducer is at i, or None."""
        j = self.partner.get(i, i) + 1
        while j < len(self.words) and self.words[j] not in (";", ")", "]", "}"):
            if j in self.bodies:
                return j
            j = self.partner.get(j, j) + 1
        return None

    def enclosing_body(self, i):
        """The `{` of the innermost body around i, or None; lambda bodies count as bodies."""
        at = self.parent[i]
        while at is not None and at not in self.bodies:
            at = self.parent[at]
        return at

    def full_expression(self, i):
        """(first, last + 1) of the full expression around the token at i."""
        at = i
        while (outer := self.parent[at]) is not None and outer not in self.bodies:
            if self.words[outer] == "(" and self._controls(outer):
                break
            at = outer
        first = at
        for j in self._statement_words(at):
            first = j
        last = at
        while last < len(self.words) and self.words[last] not in (";", *CLOSING):
            if last in self.bodies and last > i:
                break
            last = self.partner.get(last, last) + 1
        return first, min(last, len(self.words))

    def stands_behind_a_loops_condition(self, i, first):
        """Whether the token at i is the right side of && or || in the condition of while or for."""
        opening = self.parent[first]
        if opening is None or self.words[opening] != "(" or self.words[opening - 1] not in ("while", "for"):
            return False
        return any(self.words[k : k + 2] in (["&", "&"], ["|", "|"]) or self.words[k] in ("and", "or")
                   for k in range(first, i))

    def _controls(self, opening):
        before = self.words[opening - 1] if opening else ""
        if before == "constexpr":
            before = self.words[opening - 2] if opening > 1 else ""
        return before in CONTROL


def miscompiled_shape(source, i):
    if source.words[i] == "{":
        return "braces"
    if source.words[i] == "[" and source.captures(i):
        return "capturing lambda"
    return "co_spawn" if source.words[i] == "co_spawn" else None


def full_expression_findings(source):
    for i, word in enumerate(source.words):
        if word != "co_await":
            continue
        j, end = source.full_expression(i)
        if source.stands_behind_a_loops_condition(i, j):
            yield source.lines[i], "co_await behind && or || in a loop's condition"
        while j < end:
            # A lambda's body holds full expressions of its own.
            if j in source.bodies:
                j = source.partner.get(j, end)
            elif what := miscompiled_shape(source, j):
                yield source.lines[j], f"{what} in a full expression with co_await"
            j += 1


def spawning_findings(source):
    for i, word in enumerate(source.words):
        if word == "co_spawn":
            yield source.lines[i], f"co_spawn outside {', '.join(SPAWNING_FILES)}"
    for i, word in enumerate(source.words):
        if word not in ("co_await", "co_return", "co_yield"):
            continue
        body = source.enclosing_body(i)
        while body is not None and not is_function_body(source, body):
            body = source.enclosing_body(body)
        if body is None:
            continue
        for j in source._statement_words(body):
            if source.words[j] == "[" and source.captures(j) and source.lambda_body(j) == body:
                yield source.lines[j], f"capturing coroutine lambda outside {', '.join(SPAWNING_FILES)}"


def is_function_body(source, body):
    """False for the body of if, for, while, switch, else, do, try, catch and for a plain block."""
    before = source.words[body - 1] if body else ";"
    if before in ("else", "do", "try", ";", "{", "}", ":"):
        return False
    if before == ")" and body - 1 in source.partner:
        return not source._controls(source.partner[body - 1])
    return True


def findings(path, text):
    """Yields (line, message), each once and in order."""
    if "co_await" not in text and "co_spawn" not in text and "co_return" not in text:
        return
    source = Source(text)
    found = set(full_expression_findings(source))
    # A test drives its own loop to the end of what it spawned.
    if path.split("/")[-1] not in SPAWNING_FILES and not path.startswith("tests/"):
        found |= set(spawning_findings(source))
    yield from sorted(found)


def main(paths):
    bad = 0
    for path in paths:
        with open(path, encoding="utf-8", errors="replace") as file:
            for line, message in findings(path, file.read()):
                bad += 1
                print(f"{path}:{line}: {message}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
