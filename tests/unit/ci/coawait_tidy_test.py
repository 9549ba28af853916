"""The shapes that g++ 12 miscompiles are found, and what it compiles correctly is left alone."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../ci"))
import coawait_tidy

BAD_EXPRESSIONS = {
    "aggregate argument": "co_await send({.name = 1});",
    "named aggregate argument": "auto r = co_await send(Request{1, 2});",
    "aggregate beside the await": "use(Request{1}, co_await read());",
    "await inside an aggregate": "auto r = Request{co_await read()};",
    "aggregate returned around an await": "co_return Request{.size = co_await read()};",
    "aggregate in a condition": "if (co_await send({1}) == 3) { go(); }",
    "aggregate in a loop's condition": "while (co_await more(Page{n})) { go(); }",
    "aggregate in a loop's range": "for (auto& row : co_await rows(Page{1})) { go(row); }",
    "aggregate inside a macro": "CO_TRY_ASSIGN(auto x, co_await send({.a = 1}));",
    "aggregate inside an expectation": "EXPECT_TRUE(co_await send(Request{}));",
    "empty braces": "co_await send({});",
    "template aggregate": "co_await send(std::vector<int>{1, 2});",
    "capture by value": "co_await run([p] { return p; });",
    "capture by reference": "co_await run(pool, [&]() mutable { return x; });",
    "capture of this": "co_await run([this] { return x_; });",
    "capture with initialiser": "co_await run([p = std::move(p)] { return p->size(); });",
    "capture beside the await": "auto r = pick([k](int v) { return v == k; }, co_await read());",
    "awaited co_spawn": "co_await asio::co_spawn(ex, work(), asio::use_awaitable);",
    "after a labelled case": "switch (n) { case 1: co_await send({1}); break; }",
    "over several lines": "co_await send(\n    name,\n    {.size = 1},\n    value);",
    "after a raw string": 'log(R"(;{)"); co_await send({1});',
    "behind a loop's condition": "while (open && co_await more()) { go(); }",
    "behind a counting loop's condition": "for (int i = 0; i < n || co_await more(); ++i) { go(); }",
    "inside a coroutine lambda": "auto f = [](int n) -> awaitable<void> { co_await send({n}); };",
}

GOOD_EXPRESSIONS = {
    "named on the line before": "Request r{.name = 1}; co_await send(r);",
    "plain await": "auto [ec, n] = co_await stream.async_read(buffer, as_tuple(use_awaitable));",
    "reference to parts": "auto& [ec, n] = co_await read();",
    "await in a condition": "if (auto r = co_await read(); !r) { fail(Error{1}); }",
    "await in a loop": "while (co_await more()) { Page page{1}; go(page); }",
    "condition of an if": "if (open && co_await more()) { go(); }",
    "await before a loop's condition": "while (co_await more() && open) { go(); }",
    "await in a range": "for (auto& row : co_await rows()) { go(Row{row}); }",
    "aggregate returned without an await": "co_await read(); co_return Request{.size = 1};",
    "lambda without captures": "co_await run([](int v) { return Row{v}; });",
    "index, not capture": "co_await send(names[i], table[0][k]);",
    "detached co_spawn": "co_spawn(ex, work(), detached);",
    "lambda named before": "auto f = [p] { return Row{p}; }; co_await run(f);",
    "braces in a string": 'co_await send("{;}", \'{\', R"x({)x");',
    "braces in a comment": "co_await send(/* {1} */ a);  // {.b = 2}",
    "digit separators": "co_await wait(1'000'000); Row r{1}; use(r);",
    "block before": "{ Row r{1}; } co_await send();",
    "else branch": "if (x) { a(Row{1}); } else { co_await send(); }",
    "try block": "try { co_await send(); } catch (const E& e) { log(Row{1}); }",
    "switch on an await": "switch (co_await read()) { case 1: use(Row{1}); }",
    "two alternatives": "auto r = co_await (read() || timer.async_wait(use_awaitable));",
    "attribute": "if (co_await read()) [[unlikely]] { use(Row{1}); }",
    "macro with a plain await": "CO_TRY_ASSIGN(auto x, co_await send(a)); use(Row{x});",
    "parameter with a default": "co_await send(); auto f = [](Row r) { return Row{r}; };",
}

FUNCTION = "awaitable<Result<int>> f() {{\n{}\n}}\n"


def messages(text, path="server/api/x.cc"):
    return [message for _, message in coawait_tidy.findings(path, text)]


class FullExpressions(unittest.TestCase):
    def test_finds_each_bad_shape(self):
        for name, expression in BAD_EXPRESSIONS.items():
            with self.subTest(name):
                self.assertTrue(messages(FUNCTION.format(expression), "server/net/listener.cc"))

    def test_leaves_each_good_shape_alone(self):
        for name, expression in GOOD_EXPRESSIONS.items():
            with self.subTest(name):
                self.assertEqual(messages(FUNCTION.format(expression), "server/net/listener.cc"), [])

    def test_tells_bodies_from_values_around_an_await(self):
        self.assertEqual(messages("""
namespace server::net {
enum class Kind : int { a, b };
struct Session final : Base {
    explicit Session(int n) : n_{n}, rows_{{1, 2}, {3}} {}
    auto run() -> asio::awaitable<Result<int, Error>> { co_return co_await read(); }
    asio::awaitable<void> stop() const noexcept { co_await read(); }
    template <class T> requires Good<T> { co_await read(); }
    int n_{0};
};
constexpr Row table[] = {{1, 2}, {3, 4}};
}
"""), [])

    def test_names_the_line_of_the_brace(self):
        text = "awaitable<void> f() {\n    co_await send(\n        {1});\n}\n"

        self.assertEqual([line for line, _ in coawait_tidy.findings("server/x.cc", text)], [3])


class Spawning(unittest.TestCase):
    SPAWN = "void f() { co_spawn(ex, work(), detached); }"
    LAMBDA = ("void f() { start([p](int n) -> awaitable<Result<int, E>> {"
              " if (n) { co_await go(p); } }); }")

    def test_is_found_outside_its_files(self):
        self.assertIn("co_spawn outside", messages(self.SPAWN)[0])
        self.assertIn("capturing coroutine lambda outside", messages(self.LAMBDA)[0])

    def test_is_allowed_in_its_files_and_in_tests(self):
        for path in ("server/net/listener.cc", "server/app/app.cc", "server/net/blocking_pool.h",
                     "tests/unit/server/net/x_test.cc"):
            with self.subTest(path):
                self.assertEqual(messages(self.SPAWN + self.LAMBDA, path), [])

    def test_allows_a_coroutine_lambda_without_captures(self):
        self.assertEqual(messages("void f() { start([](int n) -> awaitable<void> { co_return; }); }"),
                         [])

    def test_allows_a_capturing_lambda_that_is_no_coroutine(self):
        self.assertEqual(
            messages("awaitable<void> f() { auto g = [p] { return p; }; co_await run(g); }"), [])


if __name__ == "__main__":
    unittest.main()
