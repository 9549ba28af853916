#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"
#include "hsm/protocol/types.h"

namespace cloudsign::store {

class Session;

enum class PreparationForm { pdf, xml };

// A document that waits for its signature (migrations/0019_preparations.sql), without its bytes.
struct Preparation {
    std::string id;
    std::string client_id;
    std::string credential_id;
    PreparationForm form = PreparationForm::pdf;
    std::string level;  // "B-LTA"
    Bytes hash;         // what the signer approves
    hsm::protocol::Algorithm algorithm;
    std::int64_t size = 0;
    std::int64_t created_at = 0;
    std::int64_t keep_until = 0;
    std::string answer;  // empty until it is finished
};

struct PreparationFile {
    std::string preparation_id;
    Bytes document;
    Bytes attributes;
    std::int64_t cut = 0;
    Bytes leaf;
};

// How much there is of them.
struct PreparationStock {
    std::int64_t documents = 0;
    std::int64_t bytes = 0;
    std::int64_t open = 0;  // of the documents: not finished
};

// Errors as ClientTable's.
class PreparationTable {
public:
    explicit PreparationTable(Session& session) : session_(session) {}

    Result<void> insert(const Preparation& preparation, const PreparationFile& file);
    Result<std::optional<Preparation>> by_id(const std::string& id);
    Result<std::optional<PreparationFile>> file(const std::string& id);
    Result<PreparationStock> stock();
    Result<PreparationStock> stock_of(const std::string& client_id);
    // Of one that is open: the document takes the place of the prepared one. False when it is not.
    Result<bool> finish(const Preparation& finished, const Bytes& document);
    // Whose time is over.
    Result<void> erase_until(std::int64_t now);
    // One that is open. False when it is not.
    Result<bool> erase_open(const std::string& id);

private:
    Session& session_;
};

}  // namespace cloudsign::store
