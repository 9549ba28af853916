#pragma once

#include <optional>
#include <utility>
#include <variant>

#include "hsm/base/check.h"
#include "hsm/base/status.h"

namespace hsm::base {

// A value or the reason why there is none. `std::expected` is absent from g++ 12 in C++20; this
// class works without exceptions and RTTI, on the board and on the host, and through co_await.
template <class T, class E = Status>
class [[nodiscard]] Result {
public:
    using value_type = T;
    using error_type = E;

    constexpr Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT
    constexpr Result(E error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

    constexpr bool has_value() const noexcept { return state_.index() == 0; }
    constexpr explicit operator bool() const noexcept { return has_value(); }

    constexpr T& operator*() & noexcept {
        CHECK(has_value());
        return *std::get_if<0>(&state_);
    }
    constexpr const T& operator*() const& noexcept {
        CHECK(has_value());
        return *std::get_if<0>(&state_);
    }
    constexpr T&& operator*() && noexcept {
        CHECK(has_value());
        return std::move(*std::get_if<0>(&state_));
    }
    constexpr T* operator->() noexcept { return &**this; }
    constexpr const T* operator->() const noexcept { return &**this; }

    constexpr const E& error() const& noexcept {
        CHECK(!has_value());
        return *std::get_if<1>(&state_);
    }
    constexpr E&& error() && noexcept {
        CHECK(!has_value());
        return std::move(*std::get_if<1>(&state_));
    }

private:
    std::variant<T, E> state_;
};

template <class E>
class [[nodiscard]] Result<void, E> {
public:
    using value_type = void;
    using error_type = E;

    constexpr Result() = default;
    constexpr Result(E error) : error_(std::move(error)) {}  // NOLINT

    constexpr bool has_value() const noexcept { return !error_.has_value(); }
    constexpr explicit operator bool() const noexcept { return has_value(); }

    constexpr const E& error() const& noexcept {
        CHECK(!has_value());
        return *error_;
    }
    constexpr E&& error() && noexcept {
        CHECK(!has_value());
        return std::move(*error_);
    }

private:
    std::optional<E> error_;
};

}  // namespace hsm::base

namespace hsm {
using base::Result;
}

#define HSM_CONCAT_(a, b) a##b
#define HSM_CONCAT(a, b) HSM_CONCAT_(a, b)
#define HSM_TRY_ASSIGN_(tmp, leave, lhs, expr) \
    auto tmp = (expr);                         \
    if (!tmp) {                                \
        leave std::move(tmp).error();          \
    }                                          \
    lhs = *std::move(tmp)
#define HSM_TRY_(tmp, leave, expr)        \
    do {                                  \
        if (auto tmp = (expr); !tmp) {    \
            leave std::move(tmp).error(); \
        }                                 \
    } while (0)
// __COUNTER__, not __LINE__: these stand inside lambdas inside one another.
#define HSM_TRY_NAME HSM_CONCAT(try_, __COUNTER__)

// TRY_ASSIGN(auto x, expr): x from expr's value, or return expr's error.
#define TRY_ASSIGN(lhs, expr) HSM_TRY_ASSIGN_(HSM_TRY_NAME, return, lhs, expr)
#define CO_TRY_ASSIGN(lhs, expr) HSM_TRY_ASSIGN_(HSM_TRY_NAME, co_return, lhs, expr)

// TRY(expr): return expr's error if it has one.
#define TRY(expr) HSM_TRY_(HSM_TRY_NAME, return, expr)
#define CO_TRY(expr) HSM_TRY_(HSM_TRY_NAME, co_return, expr)
