#include "cloudsign/document/object_places.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "cloudsign/document/qpdf_error.h"
#include "cloudsign/document/unpack.h"

namespace cloudsign::document {
namespace {

constexpr std::size_t object_streams_size_max = 128 * 1024 * 1024;
constexpr std::size_t values_max = 8'000'000;

using Kind = XrefRow::Kind;
using Places = std::unordered_map<int, XrefRow>;

std::string name_of(int number) {
    return "object " + std::to_string(number);
}

// The last section that names a number says where it is.
class Merge {
public:
    Result<void> add(const XrefSection& section) {
        std::unordered_set<int> here;
        for (const auto& row : section.rows) {
            if (!here.insert(row.number).second) {
                return damaged("its cross-references name " + name_of(row.number) +
                               " twice in one section");
            }
            if (row.number == 0 && row.kind != Kind::free) {
                return damaged("its cross-references give a place to object 0");
            }
            if (row.kind != Kind::free) {
                const auto known = generations_.emplace(row.number, row.generation).first;
                if (known->second != row.generation) {
                    return damaged(name_of(row.number) + " is there in two generations");
                }
            }
            places_.emplace(row.number, row);
        }
        return {};
    }

    const Places& places() const { return places_; }

private:
    Places places_;
    std::unordered_map<int, int> generations_;
};

bool is_as_read(const XrefRow& row, const QPDFXRefEntry& entry) {
    if (row.kind == Kind::plain) {
        return entry.getType() == 1 && entry.getOffset() >= 0 &&
               static_cast<std::size_t>(entry.getOffset()) == row.offset;
    }
    return row.kind == Kind::packed && entry.getType() == 2 &&
           static_cast<std::size_t>(entry.getObjStreamNumber()) == row.offset &&
           entry.getObjStreamIndex() == row.index;
}

Result<void> check_read(const Places& places, QPDF& pdf) {
    const auto table = pdf.getXRefTable();
    for (const auto& [id, entry] : table) {
        const auto found = places.find(id.getObj());
        if (found == places.end() || found->second.generation != id.getGen() ||
            !is_as_read(found->second, entry)) {
            return damaged(name_of(id.getObj()) + " can be found in more than one place");
        }
    }
    const auto used = std::ranges::count_if(
        places, [](const auto& place) { return place.second.kind != Kind::free; });
    return static_cast<std::size_t>(used) == table.size()
               ? Result<void>()
               : damaged("an object can be found in more than one place");
}

std::set<int> object_streams_of(QPDF& pdf) {
    std::set<int> streams;
    for (const auto& [id, entry] : pdf.getXRefTable()) {
        if (entry.getType() == 2) {
            streams.insert(entry.getObjStreamNumber());
        }
    }
    return streams;
}

// As many as QPDF could make of it at most, each of a hundred bytes and more.
std::size_t values_in(std::string_view text) {
    std::size_t values = 0;
    bool is_between = true;
    for (const char c : text) {
        const bool is_opening = c == '[' || c == '<' || c == '(' || c == '/';
        const bool is_space = is_pdf_space(c) || c == ']' || c == '>' || c == ')';
        values += is_opening || (is_between && !is_space);
        is_between = is_space || is_opening;
    }
    return values;
}

struct Room {
    std::size_t bytes = object_streams_size_max;
    std::size_t values = values_max;
};

Result<Bytes> unpack_objects(QPDFObjectHandle stream, Room& room) {
    TRY_ASSIGN(auto unpacked, unpack(stream, room.bytes));
    const auto values = values_in(hsm::text_of(unpacked));
    if (values > room.values) {
        return Error{ErrorKind::invalid, "The PDF has too many values in its object streams."};
    }
    room.values -= values;
    return unpacked;
}

// The numbers that an object stream says are in it; nothing when it says so in more than one way.
std::optional<std::vector<int>> numbers_in(QPDFObjectHandle dictionary, std::string_view text) {
    auto count = dictionary.getKey("/N");
    auto first = dictionary.getKey("/First");
    for (const auto* key : {"/Type", "/Length", "/N", "/First", "/Filter", "/DecodeParms"}) {
        if (dictionary.getKey(key).isIndirect()) {
            return std::nullopt;  // a later revision could change how it is read
        }
    }
    if (!dictionary.getKey("/Type").isNameAndEquals("/ObjStm") || !count.isInteger() ||
        !first.isInteger() || first.getIntValue() < 0 ||
        static_cast<std::size_t>(first.getIntValue()) > text.size()) {
        return std::nullopt;
    }
    const auto head = text.substr(0, static_cast<std::size_t>(first.getIntValue()));
    const auto body = text.substr(head.size());
    std::vector<int> numbers;
    std::set<int> known;
    long long last = -1;
    std::size_t at = behind_spaces(head, 0);
    while (at < head.size()) {
        long long pair[2] = {-1, -1};
        for (auto& value : pair) {
            const auto [end, error] =
                std::from_chars(head.data() + at, head.data() + head.size(), value);
            const auto stop = static_cast<std::size_t>(end - head.data());
            if (error != std::errc() || (stop < head.size() && !is_pdf_space(head[stop]))) {
                return std::nullopt;
            }
            at = behind_spaces(head, stop);
        }
        const auto [number, offset] = pair;
        if (number < 1 || number > object_number_max || offset <= last ||
            static_cast<std::size_t>(offset) >= body.size() ||
            !known.insert(static_cast<int>(number)).second) {
            return std::nullopt;
        }
        last = offset;
        numbers.push_back(static_cast<int>(number));
    }
    return static_cast<long long>(numbers.size()) == count.getIntValue() ? std::optional(numbers)
                                                                         : std::nullopt;
}

}  // namespace

Result<void> check_places(hsm::ByteView bytes,
                          const std::vector<XrefSection>& sections,
                          QPDF& pdf) {
    Merge merge;
    for (const auto& section : sections) {
        TRY(merge.add(section));
    }
    const auto text = hsm::text_of(bytes);
    for (const auto& [number, row] : merge.places()) {
        if (row.kind != Kind::plain) {
            continue;
        }
        const auto head = object_head(text, row.offset);
        if (head.number != number || head.generation != row.generation) {
            return damaged(name_of(number) + " is not where the cross-references say");
        }
    }
    return check_read(merge.places(), pdf);
}

Result<void> check_object_streams(QPDF& pdf) {
    const auto table = pdf.getXRefTable();
    Room room;
    std::map<int, std::vector<int>> numbers;
    for (const int number : object_streams_of(pdf)) {
        const auto place = table.find(QPDFObjGen(number, 0));
        if (place == table.end() || place->second.getType() != 1) {
            return damaged("object stream " + std::to_string(number) + " is not there");
        }
        auto stream = pdf.getObject(number, 0);
        TRY_ASSIGN(const auto unpacked, unpack_objects(stream, room));
        auto found = numbers_in(stream.getDict(), hsm::text_of(unpacked));
        if (!found) {
            return damaged("object stream " + std::to_string(number) + " contradicts itself");
        }
        numbers[number] = *std::move(found);
    }
    for (const auto& [id, entry] : table) {
        if (entry.getType() != 2) {
            continue;
        }
        const auto& there = numbers[entry.getObjStreamNumber()];
        const auto index = static_cast<std::size_t>(entry.getObjStreamIndex());
        if (index >= there.size() || there[index] != id.getObj()) {
            return damaged(name_of(id.getObj()) + " is not where the cross-references say");
        }
    }
    return {};
}

Result<void> check_object_stream_sizes(QPDF& pdf) {
    const auto table = pdf.getXRefTable();
    Room room;
    for (const int number : object_streams_of(pdf)) {
        const auto place = table.find(QPDFObjGen(number, 0));
        if (place == table.end() || place->second.getType() != 1) {
            continue;
        }
        auto stream = pdf.getObject(number, 0);
        const auto unpacked = unpack_objects(stream, room);
        if (!unpacked && !is_damaged(unpacked.error())) {
            return unpacked.error();
        }
    }
    return {};
}

}  // namespace cloudsign::document
