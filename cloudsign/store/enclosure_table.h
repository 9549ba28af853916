#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"

namespace cloudsign::store {

class Session;

// What a portal sent beside a hash (migrations/0014_enclosures.sql).
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
