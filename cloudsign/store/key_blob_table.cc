#include "cloudsign/store/key_blob_table.h"

#include "cloudsign/store/prepared.h"

namespace cloudsign::store {
namespace {

struct Page final : Statement<std::string, std::string, std::uint32_t> {
    explicit Page(Session& session)
        : Statement(session,
                    "SELECT id FROM credentials WHERE blob IS NOT NULL AND id > :after_id "
                    "ORDER BY id LIMIT :count") {}
};
struct Blob final : Statement<Bytes, std::string> {
    explicit Blob(Session& session)
        : Statement(session, "SELECT blob FROM credentials WHERE id = :id AND blob IS NOT NULL") {}
};
struct Replace final : Statement<Nothing, Bytes, std::string, Bytes> {
    explicit Replace(Session& session)
        : Statement(session,
                    "UPDATE credentials SET blob = :after WHERE id = :id AND blob = :before") {}
};

}  // namespace

Result<std::vector<std::string>> KeyBlobTable::page(const std::string& after_id,
                                                    std::uint32_t limit) {
    return session_.prepared<Page>().all(after_id, limit);
}

Result<std::optional<Bytes>> KeyBlobTable::blob(const std::string& credential_id) {
    return session_.prepared<Blob>().one(credential_id);
}

Result<bool> KeyBlobTable::replace(const std::string& credential_id,
                                   const Bytes& before,
                                   const Bytes& after) {
    session_.touch(RowKind::credential);
    return hit(session_.prepared<Replace>().run(after, credential_id, before));
}

}  // namespace cloudsign::store
