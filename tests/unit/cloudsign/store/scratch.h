#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <unistd.h>

#include "cloudsign/sha256.h"
#include "cloudsign/store/rows.h"

namespace cloudsign::store {

// A folder on tmpfs that is gone with the test.
class ScratchFolder {
public:
    ScratchFolder() {
        const char* chosen = std::getenv("TMPDIR");
        const std::filesystem::path base = chosen != nullptr                 ? chosen
                                           : ::access("/dev/shm", W_OK) == 0 ? "/dev/shm"
                                                                             : "/tmp";
        std::string name = (base / "kyso-store-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) {
            std::abort();
        }
        path_ = name;
    }
    ~ScratchFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;

    std::filesystem::path file(const std::string& name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

inline Signer a_signer(const std::string& id) {
    Signer signer;
    signer.id = id;
    signer.name = "Nguyễn Văn A";
    signer.subject = "CN=Nguyễn Văn A,C=VN";
    signer.language = "vi";
    signer.created_at = 1'700'000'000'000;
    return signer;
}

inline Client a_client(const std::string& id) {
    Client client;
    client.id = id;
    client.name = "Cổng một cửa";
    client.secret_hash = "scrypt$…";
    client.created_at = 1'700'000'000'000;
    return client;
}

inline Transaction a_transaction(const std::string& id) {
    Transaction transaction;
    transaction.id = id;
    transaction.state = transaction::State::notified;
    transaction.approver_id = "signer-1";
    transaction.credential_id = "cred-1";
    transaction.client_id = "client-1";
    transaction.request_hash = sha256("request of " + id);
    transaction.documents = {{bytes_of(sha256("contract")), "Hợp đồng \"số 1\"\n"},
                             {bytes_of(sha256("annex")), ""}};
    transaction.algorithm = {
        hsm::protocol::Scheme::rsa_pss, hsm::protocol::DigestAlgorithm::sha384, 48};
    transaction.portal = "Cổng một cửa";
    transaction.purpose_text = "Ký hợp đồng";
    transaction.code = "4711";
    transaction.language = "vi";
    transaction.payload = "{}";
    transaction.module_id = sha256("module");
    transaction.preimage = Bytes(300, 0xa5);
    transaction.mac = sha256("mac");
    transaction.challenge = sha256("challenge of " + id);
    transaction.created_at = 1000;
    transaction.answer_by = 2000;
    transaction.sign_by = 3000;
    return transaction;
}

inline Occurrence an_occurrence(const std::string& transaction_id, std::uint32_t position) {
    Occurrence occurrence;
    occurrence.transaction_id = transaction_id;
    occurrence.position = position;
    occurrence.hash = bytes_of(sha256("contract"));
    return occurrence;
}

}  // namespace cloudsign::store
