#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"

namespace cloudsign::store {

class Session;

// What the phone may show beside a hash (migrations/0014_enclosures.sql): what a portal sent, or
// had prepared.
struct Enclosure {
    std::string transaction_id;
    std::uint32_t position = 0;
    Bytes document;
    Bytes attributes;  // empty: the hash is the document's own
};

// Errors as ClientTable's.
class EnclosureTable {
public:
    explicit EnclosureTable(Session& session) : session_(session) {}

    Result<void> insert(const Enclosure& enclosure);
    // A copy of what was prepared; nothing when that is finished or gone.
    Result<void> insert_prepared(const std::string& transaction_id,
                                 std::uint32_t position,
                                 const std::string& preparation_id);
    Result<std::optional<Enclosure>> find(const std::string& transaction_id,
                                          std::uint32_t position);
    // Where there are some, in order.
    Result<std::vector<std::uint32_t>> positions(const std::string& transaction_id);
    // Of all transactions that are over.
    Result<void> erase_finished();

private:
    Session& session_;
};

}  // namespace cloudsign::store
