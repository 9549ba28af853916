#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"

namespace cloudsign::store {

class Session;

// The sealed keys alone, of whatever owner and status. Errors as ClientTable's.
class KeyBlobTable {
public:
    explicit KeyBlobTable(Session& session) : session_(session) {}

    // Credentials that hold one, by id, after this one; empty: from the first on.
    Result<std::vector<std::string>> page(const std::string& after_id, std::uint32_t limit);
    Result<std::optional<Bytes>> blob(const std::string& credential_id);
    // False, with nothing changed, when it is not `before` any more.
    Result<bool> replace(const std::string& credential_id, const Bytes& before, const Bytes& after);

private:
    Session& session_;
};

}  // namespace cloudsign::store
