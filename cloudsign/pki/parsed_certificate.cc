#include "cloudsign/pki/parsed_certificate.h"

#include <map>
#include <mutex>
#include <string>
#include <utility>

#include <openssl/crypto.h>

#include "hsm/openssl/der.h"

namespace cloudsign::pki {
namespace {

namespace openssl = hsm::openssl;

openssl::X509Ptr shared(const openssl::X509Ptr& certificate) {
    X509_up_ref(certificate.get());
    return openssl::X509Ptr(certificate.get());
}

// Two generations: what the elder holds and nobody has asked for since goes with it. Some 4 KiB a
// certificate.
class LatelyRead {
public:
    // OpenSSL begins before, and so ends after, what is kept here: a certificate that outlives the
    // library cannot be freed.
    LatelyRead() { OPENSSL_init_crypto(0, nullptr); }

    openssl::X509Ptr find(std::string_view der) {
        const std::lock_guard lock(mutex_);
        if (const auto found = young_.find(der); found != young_.end()) {
            return shared(found->second);
        }
        const auto found = old_.find(der);
        if (found == old_.end()) {
            return nullptr;
        }
        auto certificate = shared(found->second);
        keep(std::string(der), shared(certificate));
        return certificate;
    }

    void add(std::string_view der, const openssl::X509Ptr& certificate) {
        const std::lock_guard lock(mutex_);
        keep(std::string(der), shared(certificate));
    }

private:
    static constexpr std::size_t generation_max = 128;
    using Generation = std::map<std::string, openssl::X509Ptr, std::less<>>;

    void keep(std::string der, openssl::X509Ptr certificate) {
        if (young_.size() >= generation_max) {
            old_ = std::exchange(young_, {});
        }
        young_.insert_or_assign(std::move(der), std::move(certificate));
    }

    std::mutex mutex_;
    Generation young_;
    Generation old_;
};

LatelyRead& lately_read() {
    static LatelyRead read;
    return read;
}

}  // namespace

openssl::X509Ptr parsed_certificate(hsm::ByteView der) {
    const auto text = hsm::text_of(der);
    if (auto known = lately_read().find(text)) {
        return known;
    }
    auto certificate = openssl::read_x509(der);
    if (certificate) {
        lately_read().add(text, certificate);
    }
    return certificate;
}

}  // namespace cloudsign::pki
