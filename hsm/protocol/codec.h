#pragma once

#include <tuple>
#include <type_traits>

#include "hsm/protocol/cbor_reader.h"
#include "hsm/protocol/cbor_writer.h"
#include "hsm/protocol/types.h"

namespace hsm::protocol {

// One member of a message: its map key (or, in an array, nothing), its limits. For numbers and
// enumerations they bound the value, for strings the size, for lists each item. `total` bounds the
// sum of the sizes of a list of strings, so that the largest message fits message_size_max.
// Writer and reader hold to the same limits: what one refuses, the other does.
template <unsigned key_,
          auto member_,
          std::uint64_t max_,
          std::uint64_t min_ = 0,
          std::uint64_t total_ = UINT64_MAX>
struct Field {
    static constexpr unsigned key = key_;
    static constexpr auto member = member_;
    static constexpr std::uint64_t max = max_;
    static constexpr std::uint64_t min = min_;
    static constexpr std::uint64_t total = total_;
};

namespace codec {

template <class T>
inline constexpr bool is_list = false;
template <class T, std::size_t n>
inline constexpr bool is_list<BoundedList<T, n>> = true;

template <class T>
inline constexpr bool is_byte_array = false;
template <std::size_t n>
inline constexpr bool is_byte_array<std::array<Byte, n>> = true;

template <class T>
inline constexpr bool is_string =
    std::is_same_v<T, ByteView> || std::is_same_v<T, std::string_view>;

constexpr std::uint64_t scheme_max = 3;
constexpr std::uint64_t digest_algorithm_max = 3;
constexpr std::uint64_t salt_length_max = 64;

template <class F>
constexpr bool in_limits(std::uint64_t value) {
    return value >= F::min && value <= F::max;
}

// The numbers of an Algorithm; whether they fit the key and each other is the module's question.
constexpr bool in_algorithm_limits(std::uint64_t scheme, std::uint64_t digest, std::uint64_t salt) {
    return scheme <= scheme_max && digest >= 1 && digest <= digest_algorithm_max &&
           salt <= salt_length_max;
}

template <class F, class T>
void write_value(CborWriter& writer, const T& value) {
    if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
        const auto number = static_cast<std::uint64_t>(value);
        writer.require(in_limits<F>(number));
        writer.number(number);
    } else if constexpr (std::is_same_v<T, Algorithm>) {
        const auto scheme = static_cast<std::uint64_t>(value.scheme);
        const auto digest = static_cast<std::uint64_t>(value.digest);
        writer.require(in_algorithm_limits(scheme, digest, value.salt_length));
        writer.array(3);
        writer.number(scheme);
        writer.number(digest);
        writer.number(value.salt_length);
        writer.end();
    } else if constexpr (is_list<T>) {
        std::uint64_t total = 0;
        writer.array(value.size());
        for (const auto& item : value) {
            write_value<F>(writer, item);
            if constexpr (is_string<std::remove_cvref_t<decltype(item)>>) {
                total += item.size();
            }
        }
        writer.require(total <= F::total);
        writer.end();
    } else if constexpr (std::is_same_v<T, std::string_view>) {
        writer.require(in_limits<F>(value.size()));
        writer.text(value);
    } else if constexpr (std::is_same_v<T, ByteView>) {
        writer.require(in_limits<F>(value.size()));
        writer.bytes(value);
    } else {
        static_assert(is_byte_array<T>);
        writer.bytes(ByteView(value));
    }
}

template <class F, class T>
Result<void> read_value(CborReader& reader, T& value) {
    if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
        static_assert(sizeof(T) == 8 || F::max < std::uint64_t{1} << (8 * sizeof(T) % 64));
        TRY_ASSIGN(auto number, reader.number(F::max));
        if (!in_limits<F>(number)) {
            return Status::malformed;
        }
        value = static_cast<T>(number);
    } else if constexpr (std::is_same_v<T, Algorithm>) {
        TRY_ASSIGN(auto count, reader.array());
        if (count != 3) {
            return Status::malformed;
        }
        TRY_ASSIGN(auto scheme, reader.number());
        TRY_ASSIGN(auto digest, reader.number());
        TRY_ASSIGN(auto salt, reader.number());
        if (!in_algorithm_limits(scheme, digest, salt)) {
            return Status::malformed;
        }
        TRY(reader.end());
        value = {static_cast<Scheme>(scheme),
                 static_cast<DigestAlgorithm>(digest),
                 static_cast<std::uint8_t>(salt)};
    } else if constexpr (is_list<T>) {
        TRY_ASSIGN(auto count, reader.array());
        if (count > T::size_max) {
            return Status::malformed;
        }
        std::uint64_t total = 0;
        for (std::size_t i = 0; i < count; ++i) {
            std::remove_cvref_t<decltype(value[0])> item{};
            TRY(read_value<F>(reader, item));
            if constexpr (is_string<decltype(item)>) {
                total += item.size();
            }
            if (total > F::total || !value.push_back(item)) {
                return Status::malformed;
            }
        }
        TRY(reader.end());
    } else if constexpr (std::is_same_v<T, std::string_view>) {
        TRY_ASSIGN(value, reader.text(F::max));
        if (!in_limits<F>(value.size())) {
            return Status::malformed;
        }
    } else if constexpr (std::is_same_v<T, ByteView>) {
        TRY_ASSIGN(value, reader.bytes(F::max));
        if (!in_limits<F>(value.size())) {
            return Status::malformed;
        }
    } else {
        static_assert(is_byte_array<T> && F::max == std::tuple_size_v<T>);
        TRY_ASSIGN(auto bytes, reader.bytes(value.size()));
        if (bytes.size() != value.size()) {
            return Status::malformed;
        }
        std::ranges::copy(bytes, value.begin());
    }
    return {};
}

// ---- the largest encoding of a structure, for static_asserts on the limits

constexpr std::size_t head_size(std::uint64_t argument) {
    return argument < 24              ? 1
           : argument < 0x100         ? 2
           : argument < 0x1'0000      ? 3
           : argument < 0x1'0000'0000 ? 5
                                      : 9;
}
constexpr std::size_t string_size(std::uint64_t size) {
    return head_size(size) + static_cast<std::size_t>(size);
}

template <class F, class T>
constexpr std::size_t value_size_max() {
    if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
        return head_size(F::max);
    } else if constexpr (std::is_same_v<T, Algorithm>) {
        return head_size(3) + head_size(scheme_max) + head_size(digest_algorithm_max) +
               head_size(salt_length_max);
    } else if constexpr (is_list<T>) {
        using Item = std::remove_cvref_t<decltype(std::declval<T&>()[0])>;
        if constexpr (is_string<Item>) {
            if (F::total < T::size_max * F::max) {
                return head_size(T::size_max) + T::size_max * head_size(F::max) + F::total;
            }
        }
        return head_size(T::size_max) + T::size_max * value_size_max<F, Item>();
    } else {
        return string_size(F::max);
    }
}

template <class M, class F>
using MemberOf = std::remove_cvref_t<decltype(std::declval<M&>().*F::member)>;

template <class M>
inline constexpr std::size_t field_count =
    std::tuple_size_v<std::remove_cvref_t<decltype(M::fields)>>;

template <class... F>
constexpr bool keys_ascend(const std::tuple<F...>&) {
    [[maybe_unused]] unsigned last = 0;
    return (... && (F::key > last && (last = F::key, true)));
}

}  // namespace codec

// Of a map written by write_map().
template <class M>
constexpr std::size_t map_size_max() {
    return std::apply(
        [](auto... field) {
            return (
                codec::head_size(sizeof...(field)) + ... +
                (codec::head_size(decltype(field)::key) +
                 codec::value_size_max<decltype(field), codec::MemberOf<M, decltype(field)>>()));
        },
        M::fields);
}

// Of an array written by encode_tagged().
template <class M>
constexpr std::size_t tagged_size_max() {
    return std::apply(
        [](auto... field) {
            const auto start =
                codec::head_size(1 + sizeof...(field)) + codec::string_size(M::tag.size());
            return (start + ... +
                    codec::value_size_max<decltype(field), codec::MemberOf<M, decltype(field)>>());
        },
        M::fields);
}

// A message body: a map with every field of M::fields present, keys ascending. Empty strings stand
// for what is not there.
template <class M>
void write_map(CborWriter& writer, const M& message) {
    static_assert(codec::keys_ascend(M::fields));
    std::apply(
        [&](auto... field) {
            writer.map(sizeof...(field));
            (...,
             (writer.number(decltype(field)::key),
              codec::write_value<decltype(field)>(writer, message.*decltype(field)::member)));
            writer.end();
        },
        M::fields);
}

template <class M>
Result<M> read_map(CborReader& reader) {
    M message{};
    TRY_ASSIGN(auto count, reader.map());
    if (count != codec::field_count<M>) {
        return Status::malformed;
    }
    auto status = Status::ok;
    const auto read_field = [&](auto field) {
        using F = decltype(field);
        auto key = reader.number();
        if (!key) {
            status = key.error();
            return false;
        }
        if (*key != F::key) {
            status = Status::malformed;
            return false;
        }
        auto read = codec::read_value<F>(reader, message.*F::member);
        if (!read) {
            status = read.error();
            return false;
        }
        return true;
    };
    std::apply([&](auto... field) { (void)(... && read_field(field)); }, M::fields);
    if (status != Status::ok) {
        return status;
    }
    TRY(reader.end());
    return message;
}

// A structure that is hashed or signed: an array [tag, fields in order…].
template <class M>
Result<ByteView> encode_tagged(const M& message, MutableBytes buffer) {
    CborWriter writer(buffer);
    std::apply(
        [&](auto... field) {
            writer.array(1 + sizeof...(field));
            writer.text(M::tag);
            (..., codec::write_value<decltype(field)>(writer, message.*decltype(field)::member));
            writer.end();
        },
        M::fields);
    return writer.finish();
}

template <class M>
Result<M> decode_tagged(ByteView bytes) {
    CborReader reader(bytes);
    M message{};
    TRY_ASSIGN(auto count, reader.array());
    if (count != 1 + codec::field_count<M>) {
        return Status::malformed;
    }
    TRY_ASSIGN(auto tag, reader.text(32));
    if (tag != M::tag) {
        return Status::malformed;
    }
    auto status = Status::ok;
    const auto read_field = [&](auto field) {
        using F = decltype(field);
        auto read = codec::read_value<F>(reader, message.*F::member);
        if (!read) {
            status = read.error();
        }
        return status == Status::ok;
    };
    std::apply([&](auto... field) { (void)(... && read_field(field)); }, M::fields);
    if (status != Status::ok) {
        return status;
    }
    TRY(reader.end());
    TRY(reader.finish());
    return message;
}

// The body of what says nothing.
struct Empty {
    static constexpr auto fields = std::tuple();
};

// A map on its own (policy, header, record).
template <class M>
Result<ByteView> encode(const M& message, MutableBytes buffer) {
    CborWriter writer(buffer);
    write_map(writer, message);
    return writer.finish();
}

template <class M>
Result<M> decode(ByteView bytes) {
    CborReader reader(bytes);
    TRY_ASSIGN(auto message, read_map<M>(reader));
    TRY(reader.finish());
    return message;
}

}  // namespace hsm::protocol
