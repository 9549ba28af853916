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

// A Field without its types, so that one reader and one writer serve every message: as templates
// they took 30 KB of a board's flash.
struct Rule {
    enum class Kind : std::uint8_t { number, algorithm, bytes, text, fixed };

    std::uint8_t key;
    Kind kind;
    std::uint8_t width;     // bytes in memory, of a number or of a list's item
    std::uint8_t list_max;  // 0: no list
    std::uint16_t min;
    std::uint16_t total;  // no_total: none
    std::uint32_t max;
    std::uint16_t count_offset;  // in a list, of its count
};
inline constexpr std::uint16_t no_total = UINT16_MAX;

template <class F, class T>
constexpr Rule item_rule() {
    constexpr auto max = F::max == UINT64_MAX ? UINT32_MAX : F::max;
    static_assert(F::key <= UINT8_MAX && F::min <= UINT16_MAX && max <= UINT32_MAX);
    static_assert(F::total == UINT64_MAX || F::total < no_total);
    Rule rule{static_cast<std::uint8_t>(F::key),
              Rule::Kind::number,
              static_cast<std::uint8_t>(sizeof(T)),
              0,
              static_cast<std::uint16_t>(F::min),
              static_cast<std::uint16_t>(F::total == UINT64_MAX ? no_total : F::total),
              static_cast<std::uint32_t>(max),
              0};
    if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
        // Then UINT32_MAX in a rule means: whatever fits the number.
        static_assert(F::max == UINT64_MAX ? sizeof(T) == 8
                                           : F::max < UINT32_MAX || sizeof(T) == 4);
        static_assert(sizeof(T) == 8 || F::max < std::uint64_t{1} << (8 * sizeof(T) % 64));
    } else if constexpr (std::is_same_v<T, Algorithm>) {
        rule.kind = Rule::Kind::algorithm;
    } else if constexpr (std::is_same_v<T, std::string_view>) {
        rule.kind = Rule::Kind::text;
    } else if constexpr (std::is_same_v<T, ByteView>) {
        rule.kind = Rule::Kind::bytes;
    } else {
        static_assert(is_byte_array<T> && F::max == std::tuple_size_v<T>);
        rule.kind = Rule::Kind::fixed;
    }
    return rule;
}

template <class F, class T>
constexpr Rule rule_of() {
    if constexpr (is_list<T>) {
        auto rule = item_rule<F, std::remove_cvref_t<decltype(std::declval<T&>()[0])>>();
        static_assert(T::size_max <= UINT8_MAX && T::count_offset <= UINT16_MAX);
        rule.list_max = static_cast<std::uint8_t>(T::size_max);
        rule.count_offset = static_cast<std::uint16_t>(T::count_offset);
        return rule;
    } else {
        return item_rule<F, T>();
    }
}

// A structure on the wire: a map with its keys, or an array that a tag may begin. `members` are the
// addresses of what `rules` describe, in the same order.
enum class Form : std::uint8_t { map, array };
void write_members(CborWriter& writer,
                   Form form,
                   std::string_view tag,
                   std::span<const Rule> rules,
                   const void* const* members);
Result<void> read_members(CborReader& reader,
                          Form form,
                          std::string_view tag,
                          std::span<const Rule> rules,
                          void* const* members);

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

template <class M>
inline constexpr auto rules = std::apply(
    [](auto... field) {
        return std::array<Rule, sizeof...(field)>{
            rule_of<decltype(field), MemberOf<M, decltype(field)>>()...};
    },
    M::fields);

template <class M>
auto members_of(M& message) {
    using Address = std::conditional_t<std::is_const_v<M>, const void*, void*>;
    return std::apply(
        [&](auto... field) {
            return std::array<Address, sizeof...(field)>{&(message.*decltype(field)::member)...};
        },
        M::fields);
}

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
    const auto members = codec::members_of(message);
    codec::write_members(writer, codec::Form::map, {}, codec::rules<M>, members.data());
}

template <class M>
Result<void> read_map(CborReader& reader, M& message) {
    const auto members = codec::members_of(message);
    return codec::read_members(reader, codec::Form::map, {}, codec::rules<M>, members.data());
}

// A structure that is hashed or signed: an array [tag, fields in order…].
template <class M>
Result<ByteView> encode_tagged(const M& message, MutableBytes buffer) {
    CborWriter writer(buffer);
    const auto members = codec::members_of(message);
    codec::write_members(writer, codec::Form::array, M::tag, codec::rules<M>, members.data());
    return writer.finish();
}

template <class M>
Result<M> decode_tagged(ByteView bytes) {
    Result<M> message{M{}};
    CborReader reader(bytes);
    const auto members = codec::members_of(*message);
    TRY(codec::read_members(reader, codec::Form::array, M::tag, codec::rules<M>, members.data()));
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
    Result<M> message{M{}};
    CborReader reader(bytes);
    TRY(read_map(reader, *message));
    TRY(reader.finish());
    return message;
}

}  // namespace hsm::protocol
