#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <optional>
#include <soci/soci.h>
#include <string>
#include <utility>
#include <vector>

#include "cloudsign/base64.h"
#include "cloudsign/store/rows.h"

// How each C++ type of a row travels through a column. Inside cloudsign/store only.
namespace cloudsign::store {

// The variable that SOCI reads and writes, together with whether it is NULL.
template <class T>
struct Cell {
    T value{};
    soci::indicator indicator = soci::i_ok;
};
using TextCell = Cell<std::string>;
using NumberCell = Cell<long long>;

// Columns<Row>::list: a tuple of Column, in the order of the row's struct.
template <class Row>
struct Columns;

template <class Member>
struct Column {
    const char* name;
    Member member;  // a member pointer, or a function object from row to field
};
template <class Member>
Column(const char*, Member) -> Column<Member>;

// Words<Enum>::list: the words of an enumeration, in its order.
template <class Enum>
struct Words;

// Codec<T>: cell type, encode(value, cell), decode(cell, value) -> false if it is no such value.
template <class T>
struct Codec;

template <>
struct Codec<std::string> {
    using CellType = TextCell;
    static void encode(const std::string& value, TextCell& cell) { cell.value = value; }
    static bool decode(const TextCell& cell, std::string& value) {
        value = cell.value;
        return true;
    }
};

template <>
struct Codec<std::int64_t> {
    using CellType = NumberCell;
    static void encode(std::int64_t value, NumberCell& cell) { cell.value = value; }
    static bool decode(const NumberCell& cell, std::int64_t& value) {
        value = cell.value;
        return true;
    }
};

template <>
struct Codec<bool> {
    using CellType = NumberCell;
    static void encode(bool value, NumberCell& cell) { cell.value = value ? 1 : 0; }
    static bool decode(const NumberCell& cell, bool& value) {
        value = cell.value == 1;
        return cell.value == 0 || cell.value == 1;
    }
};

template <std::unsigned_integral T>
struct Codec<T> {
    using CellType = NumberCell;
    static_assert(sizeof(T) < sizeof(long long));
    static void encode(T value, NumberCell& cell) { cell.value = value; }
    static bool decode(const NumberCell& cell, T& value) {
        value = static_cast<T>(cell.value);
        return std::in_range<T>(cell.value);
    }
};

template <>
struct Codec<Bytes> {
    using CellType = TextCell;
    static void encode(const Bytes& value, TextCell& cell) { base64url_into(value, cell.value); }
    static bool decode(const TextCell& cell, Bytes& value) {
        auto bytes = from_base64url(cell.value);
        if (!bytes) {
            return false;
        }
        value = *std::move(bytes);
        return true;
    }
};

template <std::size_t size>
struct Codec<std::array<hsm::Byte, size>> {
    using CellType = TextCell;
    using Value = std::array<hsm::Byte, size>;
    static void encode(const Value& value, TextCell& cell) { base64url_into(value, cell.value); }
    static bool decode(const TextCell& cell, Value& value) {
        return from_base64url_into(cell.value, value);
    }
};

template <class Enum>
requires requires {
    Words<Enum>::list;
}
struct Codec<Enum> {
    using CellType = TextCell;
    static void encode(Enum value, TextCell& cell) {
        cell.value = Words<Enum>::list.at(static_cast<std::size_t>(value));
    }
    static bool decode(const TextCell& cell, Enum& value) {
        for (std::size_t i = 0; i < Words<Enum>::list.size(); ++i) {
            if (cell.value == Words<Enum>::list[i]) {
                value = static_cast<Enum>(i);
                return true;
            }
        }
        return false;
    }
};

template <>
struct Codec<transaction::State> {
    using CellType = TextCell;
    static void encode(transaction::State value, TextCell& cell) {
        cell.value = transaction::name(value);
    }
    static bool decode(const TextCell& cell, transaction::State& value) {
        const auto state = transaction::state_named(cell.value);
        if (state) {
            value = *state;
        }
        return state.has_value();
    }
};

// Numbers of the wire, which is where their ranges come from.
template <class Enum, int first, int last>
struct WireNumber {
    using CellType = NumberCell;
    static void encode(Enum value, NumberCell& cell) { cell.value = static_cast<int>(value); }
    static bool decode(const NumberCell& cell, Enum& value) {
        value = static_cast<Enum>(cell.value);
        return cell.value >= first && cell.value <= last;
    }
};
template <>
struct Codec<hsm::protocol::KeyType> : WireNumber<hsm::protocol::KeyType, 1, 5> {};
template <>
struct Codec<hsm::protocol::Purpose> : WireNumber<hsm::protocol::Purpose, 1, 5> {};
template <>
struct Codec<hsm::protocol::Scheme> : WireNumber<hsm::protocol::Scheme, 0, 3> {};
template <>
struct Codec<hsm::protocol::DigestAlgorithm> : WireNumber<hsm::protocol::DigestAlgorithm, 1, 3> {};

template <class T>
struct Codec<std::optional<T>> {
    using CellType = typename Codec<T>::CellType;
    static void encode(const std::optional<T>& value, CellType& cell) {
        cell.indicator = value ? soci::i_ok : soci::i_null;
        if (value) {
            Codec<T>::encode(*value, cell);
        }
    }
    static bool decode(const CellType& cell, std::optional<T>& value) {
        value.reset();
        return cell.indicator == soci::i_null || Codec<T>::decode(cell, value.emplace());
    }
};

// JSON [{"hash": base64url, "label": text}, …].
template <>
struct Codec<std::vector<Document>> {
    using CellType = TextCell;
    static void encode(const std::vector<Document>& value, TextCell& cell);
    static bool decode(const TextCell& cell, std::vector<Document>& value);
};

// "0,2,1".
template <>
struct Codec<std::vector<std::uint32_t>> {
    using CellType = TextCell;
    static void encode(const std::vector<std::uint32_t>& value, TextCell& cell);
    static bool decode(const TextCell& cell, std::vector<std::uint32_t>& value);
};

// JSON {"NAME": "VALUE", …}.
template <>
struct Codec<ClientSettings> {
    using CellType = TextCell;
    static void encode(const ClientSettings& value, TextCell& cell);
    static bool decode(const TextCell& cell, ClientSettings& value);
};

template <class T>
inline constexpr bool is_nullable = false;
template <class T>
inline constexpr bool is_nullable<std::optional<T>> = true;

}  // namespace cloudsign::store
