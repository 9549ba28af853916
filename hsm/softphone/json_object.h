#pragma once

#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

#include "hsm/openssl/base64.h"
#include "hsm/softphone/problem.h"

namespace hsm::softphone {

// Members of a JSON object by name; what is missing or of another type is a Problem of the given
// kind that names the member's path. The object outlives the reader.
class JsonObject {
public:
    // `path` names the object in messages: "item.activation".
    static Outcome<JsonObject> of(const boost::json::value& value,
                                  std::string path,
                                  ProblemKind kind);

    bool has(std::string_view name) const;

    Outcome<std::string> text(std::string_view name) const;
    Outcome<bool> flag(std::string_view name) const;
    // Whole numbers from 0 to `max`, which is at most 2^53.
    Outcome<std::uint64_t> number(std::string_view name, std::uint64_t max) const;
    Outcome<Bytes> bytes(std::string_view name) const;  // base64url
    Outcome<Digest> digest(std::string_view name) const;
    Outcome<const boost::json::array*> list(std::string_view name) const;
    Outcome<JsonObject> object(std::string_view name) const;

    Problem wrong(std::string_view name, std::string_view what) const;

private:
    JsonObject(const boost::json::object& object, std::string path, ProblemKind kind);

    Outcome<const boost::json::value*> member(std::string_view name) const;

    const boost::json::object* object_;
    std::string path_;
    ProblemKind kind_;
};

constexpr std::uint64_t json_number_max = std::uint64_t{1} << 53;

}  // namespace hsm::softphone
