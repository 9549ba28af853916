#pragma once

#include <string>

#include "cloudsign/clock.h"
#include "cloudsign/error.h"
#include "cloudsign/store/database.h"
#include "cloudsign/store/rows.h"

namespace cloudsign::identity {

// The people (and organisations) that sign. Any thread.
class SignerRegistry {
public:
    SignerRegistry(store::Database& database, const Clock& clock)
        : database_(database), clock_(clock) {}

    // `id` is what portals will call userID; `subject` an RFC 4514 name, `language` an RFC 5646
    // tag. `account` is the number of a citizen's card, a passport or a taxpayer, by which QD 769
    // names people; empty for none. `invalid`, or `conflict` when the id or the account is taken,
    // be it as somebody's account or id. `email` is where they are told what happens to their keys
    // and phones; empty for nowhere.
    Result<store::Signer> add(const std::string& id,
                              const std::string& name,
                              const std::string& subject,
                              const std::string& language,
                              const std::string& account = "",
                              const std::string& email = "");

    // `not_found`.
    Result<std::shared_ptr<const store::Signer>> find(const std::string& id);
    // In the order of ids, those after `after_id`.
    Result<std::vector<store::Signer>> page(const std::string& after_id, std::uint32_t limit);
    // The same, of those in whose id, name or mail address `text` stands. `invalid` over 255 bytes.
    Result<std::vector<store::Signer>> search(const std::string& text,
                                              const std::string& after_id,
                                              std::uint32_t limit);
    // Whose account or id it is. `not_found`.
    Result<std::shared_ptr<const store::Signer>> find_by_account(const std::string& account);
    // `not_found`.
    Result<void> set_status(const std::string& id, store::SignerStatus status);
    // Empty for nowhere; the address so far is told. `invalid`, `not_found`.
    Result<void> set_email(const std::string& id, const std::string& email);
    // For good: their credentials are deleted with the keys, their devices removed, and to portals
    // they are nobody. Name and id stay in the database, since logs and receipts name them; their
    // account may be enrolled again. `not_found`.
    Result<void> remove(const std::string& id);

private:
    store::Database& database_;
    const Clock& clock_;
};

}  // namespace cloudsign::identity
