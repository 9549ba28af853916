#pragma once

#include "cloudsign/error.h"
#include "cloudsign/store/rows.h"

namespace cloudsign::store {

class Session;

// Errors as ClientTable's.
class SignerTable {
public:
    explicit SignerTable(Session& session) : session_(session) {}

    Result<void> insert(const Signer& signer);
    // Nothing for one that is deleted.
    Result<std::optional<Signer>> by_id(const std::string& id);
    // Whoever has the id, or had it.
    Result<std::optional<Signer>> ever_with_id(const std::string& id);
    Result<std::optional<Signer>> by_account(const std::string& account);
    // In the order of ids, those after `after_id` that are not deleted; empty starts at the first.
    Result<std::vector<Signer>> page(const std::string& after_id, std::uint32_t limit);
    // The same, of those in whose id, name or mail address `text` stands, each as fold() has it.
    Result<std::vector<Signer>> search(const std::string& text,
                                       const std::string& after_id,
                                       std::uint32_t limit);
    // Whether there was such a signer, not deleted.
    Result<bool> set_status(const std::string& id, SignerStatus status);
    // Whether there was such a signer, not deleted.
    Result<bool> set_email(const std::string& id, const std::optional<std::string>& email);
    // For good; the mail address is forgotten, the account is free again, the id is not. Whether
    // there was one to delete.
    Result<bool> remove(const std::string& id);

private:
    Session& session_;
};

}  // namespace cloudsign::store
