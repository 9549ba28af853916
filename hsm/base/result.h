#pragma once

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "hsm/base/check.h"
#include "hsm/base/status.h"

namespace hsm::base {

// Where a Result keeps its value or its error. Trivial when both are: then a copy is a copy of
// bytes, also for clang 14, which knows no constraints on destructors.
template <class T, class E, bool trivial>
class ResultStorage {
public:
    constexpr explicit ResultStorage(T&& value) : value_(std::move(value)), holds_value_(true) {}
    constexpr explicit ResultStorage(E&& error) : error_(std::move(error)), holds_value_(false) {}

protected:
    union {
        T value_;
        E error_;
    };
    bool holds_value_;
};

template <class T, class E>
class ResultStorage<T, E, false> {
public:
    constexpr explicit ResultStorage(T&& value) : value_(std::move(value)), holds_value_(true) {}
    constexpr explicit ResultStorage(E&& error) : error_(std::move(error)), holds_value_(false) {}
    constexpr ResultStorage(const ResultStorage& other) : holds_value_(other.holds_value_) {
        if (holds_value_) {
            std::construct_at(&value_, other.value_);
        } else {
            std::construct_at(&error_, other.error_);
        }
    }
    constexpr ResultStorage(ResultStorage&& other) noexcept : holds_value_(other.holds_value_) {
        if (holds_value_) {
            std::construct_at(&value_, std::move(other.value_));
        } else {
            std::construct_at(&error_, std::move(other.error_));
        }
    }
    constexpr ResultStorage& operator=(ResultStorage other) noexcept {
        std::destroy_at(this);
        return *std::construct_at(this, std::move(other));  // NOLINT: that is *this
    }
    constexpr ~ResultStorage() {
        if (holds_value_) {
            std::destroy_at(&value_);
        } else {
            std::destroy_at(&error_);
        }
    }

protected:
    union {
        T value_;
        E error_;
    };
    bool holds_value_;
};

// A value or the reason why there is none. `std::expected` is absent from g++ 12 in C++20; this
// class works without exceptions and RTTI, on the board and on the host, and through co_await. A
// union of our own: std::variant's visits took 15 KB of a board's flash.
template <class T, class E = Status>
class [[nodiscard]] Result
    : private ResultStorage<T,
                            E,
                            std::is_trivially_copyable_v<T> && std::is_trivially_copyable_v<E>> {
    using Storage =
        ResultStorage<T, E, std::is_trivially_copyable_v<T> && std::is_trivially_copyable_v<E>>;

public:
    using value_type = T;
    using error_type = E;

    constexpr Result(T value) : Storage(std::move(value)) {}  // NOLINT
    constexpr Result(E error) : Storage(std::move(error)) {}  // NOLINT

    constexpr bool has_value() const noexcept { return this->holds_value_; }
    constexpr explicit operator bool() const noexcept { return this->holds_value_; }

    constexpr T& operator*() & noexcept {
        CHECK(this->holds_value_);
        return this->value_;
    }
    constexpr const T& operator*() const& noexcept {
        CHECK(this->holds_value_);
        return this->value_;
    }
    constexpr T&& operator*() && noexcept {
        CHECK(this->holds_value_);
        return std::move(this->value_);
    }
    constexpr T* operator->() noexcept { return &**this; }
    constexpr const T* operator->() const noexcept { return &**this; }

    constexpr const E& error() const& noexcept {
        CHECK(!this->holds_value_);
        return this->error_;
    }
    constexpr E&& error() && noexcept {
        CHECK(!this->holds_value_);
        return std::move(this->error_);
    }
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

// The commonest of all: one halfword in a register. Success is the word `ok`, so that neither a
// register that lost its value nor a call that was skipped counts as one.
template <>
class [[nodiscard]] Result<void, Status> {
public:
    using value_type = void;
    using error_type = Status;

    constexpr Result() = default;
    constexpr Result(Status status) : status_(status) {}  // NOLINT

    constexpr bool has_value() const noexcept { return status_ == Status::ok; }
    constexpr explicit operator bool() const noexcept { return has_value(); }

    constexpr Status error() const noexcept {
        CHECK(!has_value());
        return status_;
    }

private:
    Status status_ = Status::ok;
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
