#include "cloudsign/identity/signer_registry.h"

#include "cloudsign/identity/text.h"
#include "cloudsign/store/signer_table.h"

namespace cloudsign::identity {

using store::Session;
using store::SignerTable;

Result<store::Signer> SignerRegistry::add(const std::string& id,
                                          const std::string& name,
                                          const std::string& subject,
                                          const std::string& language) {
    TRY(check_text("id", id, TextUse::required, 64));
    TRY(check_text("name", name, TextUse::required, 255));
    TRY(check_text("subject", subject, TextUse::required, 1024));
    TRY(check_text("language", language, TextUse::required, 35));
    store::Signer signer;
    signer.id = id;
    signer.name = name;
    signer.subject = subject;
    signer.language = language;
    signer.created_at = clock_.now_ms();
    auto added =
        database_.write([&](Session& session) { return SignerTable(session).insert(signer); });
    if (!added && added.error().kind == ErrorKind::conflict) {
        return Error{ErrorKind::conflict, "the signer's id is taken"};
    }
    TRY(std::move(added));
    return signer;
}

Result<std::shared_ptr<const store::Signer>> SignerRegistry::find(const std::string& id) {
    TRY_ASSIGN(auto signer, database_.signer(id));
    if (!signer) {
        return Error{ErrorKind::not_found, "no such signer"};
    }
    return signer;
}

Result<std::vector<store::Signer>> SignerRegistry::page(const std::string& after_id,
                                                        std::uint32_t limit) {
    return database_.read(
        [&](Session& session) { return SignerTable(session).page(after_id, limit); });
}

Result<void> SignerRegistry::set_status(const std::string& id, store::SignerStatus status) {
    TRY_ASSIGN(auto known, database_.write([&](Session& session) {
        return SignerTable(session).set_status(id, status);
    }));
    if (!known) {
        return Error{ErrorKind::not_found, "no such signer"};
    }
    return {};
}

}  // namespace cloudsign::identity
