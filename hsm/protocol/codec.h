#pragma once

#include <tuple>
#include <type_traits>

#include "hsm/protocol/cbor_reader.h"
#include "hsm/protocol/cbor_writer.h"
#include "hsm/protocol/types.h"

namespace hsm::protocol {

// One member of a message: its map key (or, in an array, nothing), its limit. For numbers and
// enumerations the limit is the largest value, for strings the largest size, for lists of strings
// the largest size of one item. A minimum keeps fixed sizes fixed.
template <unsigned key_, auto member_, std::uint64_t max_, std::uint64_t min_ = 0>
struct Field {
    static constexpr unsigned key = key_;
    static constexpr auto member = member_;
    static constexpr std::uint64_t max = max_;
    static constexpr std::uint64_t min = min_;
};

namespace codec {

template <class T>
inline constexpr bool is_list = false;
template <class T, std::size_t n>
inline constexpr bool is_list<BoundedList<T, n>> = true;

template <class F, class T>
void write_value(CborWriter& writer, const T& value) {
    if constexpr (std::is_enum_v<T>) {
        writer.number(static_cast<std::uint64_t>(value));
    } else if constexpr (std::is_same_v<T, Algorithm>) {
        writer.array(3);
        writer.number(static_cast<std::uint64_t>(value.scheme));
        writer.number(static_cast<std::uint64_t>(value.digest));
        writer.number(value.salt_length);
        writer.end();
    } else if constexpr (std::is_integral_v<T>) {
        writer.number(value);
    } else if constexpr (std::is_same_v<T, std::string_view>) {
        writer.text(value);
    } else if constexpr (is_list<T>) {
        writer.array(value.size());
        for (const auto& item : value) {
            write_value<F>(writer, item);
        }
        writer.end();
    } else {
        writer.bytes(ByteView(value));
    }
}

template <class F, class T>
Result<void> read_value(CborReader& reader, T& value) {
    if constexpr (std::is_enum_v<T>) {
        TRY_ASSIGN(auto number, reader.number(F::max));
        if (number < F::min) {
            return Status::malformed;
        }
        value = static_cast<T>(number);
    } else if constexpr (std::is_same_v<T, Algorithm>) {
        TRY_ASSIGN(auto count, reader.array());
        if (count != 3) {
            return Status::malformed;
        }
        TRY_ASSIGN(auto scheme, reader.number(3));
        TRY_ASSIGN(auto digest, reader.number(3));
        TRY_ASSIGN(auto salt, reader.number(64));
        if (digest == 0) {
            return Status::malformed;
        }
        TRY(reader.end());
        value = {static_cast<Scheme>(scheme),
                 static_cast<DigestAlgorithm>(digest),
                 static_cast<std::uint8_t>(salt)};
    } else if constexpr (std::is_integral_v<T>) {
        TRY_ASSIGN(auto number, reader.number(F::max));
        if (number < F::min) {
            return Status::malformed;
        }
        value = static_cast<T>(number);
    } else if constexpr (std::is_same_v<T, std::string_view>) {
        TRY_ASSIGN(value, reader.text(F::max));
        if (value.size() < F::min) {
            return Status::malformed;
        }
    } else if constexpr (is_list<T>) {
        TRY_ASSIGN(auto count, reader.array());
        if (count > T::size_max) {
            return Status::malformed;
        }
        for (std::size_t i = 0; i < count; ++i) {
            std::remove_cvref_t<decltype(value[0])> item{};
            TRY(read_value<F>(reader, item));
            if (!value.push_back(item)) {
                return Status::malformed;
            }
        }
        TRY(reader.end());
    } else if constexpr (std::is_same_v<T, ByteView>) {
        TRY_ASSIGN(value, reader.bytes(F::max));
        if (value.size() < F::min) {
            return Status::malformed;
        }
    } else {  // std::array<Byte, n>
        TRY_ASSIGN(auto bytes, reader.bytes(value.size()));
        if (bytes.size() != value.size()) {
            return Status::malformed;
        }
        std::ranges::copy(bytes, value.begin());
    }
    return {};
}

}  // namespace codec

// A message body: a map with every field of M::fields present, keys ascending (the lists are
// written in that order; codec_test.cc checks it). Empty strings stand for what is not there.
template <class M>
void write_map(CborWriter& writer, const M& message) {
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
    if (count != std::tuple_size_v<std::remove_cvref_t<decltype(M::fields)>>) {
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
    if (count != 1 + std::tuple_size_v<std::remove_cvref_t<decltype(M::fields)>>) {
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
