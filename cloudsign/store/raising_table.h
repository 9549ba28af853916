#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"

namespace cloudsign::store {

class Session;

enum class RaisingForm { pdf, attached, detached };  // the last two: CMS
enum class RaisingState { raising, done, given_up };

// A signed document on its way to a level (migrations/0018_raisings.sql), without its bytes.
struct Raising {
    std::string id;
    std::string client_id;
    std::string signer_id;
    std::string credential_id;
    std::string transaction_id;
    std::uint32_t position = 0;
    RaisingForm form = RaisingForm::pdf;
    std::string target;  // "B-LTA"
    std::string reached;
    RaisingState state = RaisingState::raising;
    std::uint32_t attempts = 0;
    std::int64_t next_at = 0;
    std::string fault;
    std::int64_t size = 0;
    std::int64_t created_at = 0;
    std::optional<std::int64_t> done_at;
    std::optional<std::int64_t> keep_until;
};

struct RaisingFile {
    std::string raising_id;
    Bytes document;
    Bytes anchor;
};

// How much there is of them.
struct RaisingStock {
    std::int64_t documents = 0;
    std::int64_t bytes = 0;
    std::int64_t raising = 0;                  // of the documents
    std::optional<std::int64_t> oldest_since;  // of those: when it was signed
};

// As the database and `kyso document raising` name them.
std::string_view name(RaisingState state);

// Errors as ClientTable's.
class RaisingTable {
public:
    explicit RaisingTable(Session& session) : session_(session) {}

    Result<void> insert(const Raising& raising, const RaisingFile& file);
    Result<std::optional<Raising>> by_id(const std::string& id);
    Result<std::optional<RaisingFile>> file(const std::string& id);
    // What was kept of this signature, whatever its target, oldest first.
    Result<std::vector<Raising>> of_signature(const std::string& transaction_id,
                                              std::uint32_t position);
    // Those that have waited longest first.
    Result<std::vector<Raising>> due(std::int64_t now, std::uint32_t limit);
    Result<std::optional<std::int64_t>> next_due();
    // In every state, oldest first, those behind the one that was made then and has this id.
    Result<std::vector<Raising>> page(std::int64_t created_at,
                                      const std::string& after_id,
                                      std::uint32_t limit);
    Result<RaisingStock> stock();
    Result<RaisingStock> stock_of(const std::string& client_id);
    // Level, state, attempts, times, size and what came of it. False when there is no such row.
    Result<bool> update(const Raising& raising);
    Result<void> replace_document(const std::string& id, const Bytes& document);
    // Every one that is being raised is due at this time; how many.
    Result<std::int64_t> bring_forward(std::int64_t now);
    // Whose time is over.
    Result<void> erase_until(std::int64_t now);

private:
    Session& session_;
};

}  // namespace cloudsign::store
