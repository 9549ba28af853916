#include "cloudsign/external_ca/cmp_peer.h"

#include <algorithm>

#include <openssl/err.h>

#include "cloudsign/pki/distinguished_name.h"

namespace cloudsign::external_ca {
namespace {

namespace openssl = hsm::openssl;

using UsagesPtr = std::unique_ptr<EXTENDED_KEY_USAGE, openssl::Freed<EXTENDED_KEY_USAGE_free>>;

// RFC 5280 §4.2.1.9: the certificate says that it is a CA's.
constexpr int is_ca_by_basic_constraints = 1;

// The first, which CRYPTO_get_ex_new_index() gives to nobody: the application's own.
constexpr int own_slot = 0;

bool is_for_cmp(X509* certificate) {
    const UsagesPtr usages(static_cast<EXTENDED_KEY_USAGE*>(
        X509_get_ext_d2i(certificate, NID_ext_key_usage, nullptr, nullptr)));
    for (int i = 0; i < sk_ASN1_OBJECT_num(usages.get()); ++i) {
        const int usage = OBJ_obj2nid(sk_ASN1_OBJECT_value(usages.get(), i));
        if (usage == NID_cmcCA || usage == NID_cmcRA) {
            return true;
        }
    }
    return false;
}

int check_leaf(int is_ok, X509_STORE_CTX* context) {
    if (is_ok != 1 || X509_STORE_CTX_get_error_depth(context) != 0) {
        return is_ok;
    }
    const auto* peer = static_cast<const CmpPeer*>(
        X509_STORE_get_ex_data(X509_STORE_CTX_get0_store(context), own_slot));
    if (peer->may_answer(X509_STORE_CTX_get_current_cert(context))) {
        return 1;
    }
    X509_STORE_CTX_set_error(context, X509_V_ERR_APPLICATION_VERIFICATION);
    return 0;
}

}  // namespace

Result<std::unique_ptr<CmpPeer>> CmpPeer::create(const CmpSettings& settings) {
    std::unique_ptr<CmpPeer> peer(new CmpPeer());
    peer->anchors_ = settings.anchors;
    for (const auto& anchor : settings.anchors) {
        if (!openssl::read_x509(anchor)) {
            ERR_clear_error();
            return Error{ErrorKind::invalid, "an anchor for the authority's answers is unreadable"};
        }
    }
    if (!settings.recipient.empty()) {
        TRY_ASSIGN(peer->recipient_, pki::parse_name(settings.recipient));
    }
    return peer;
}

bool CmpPeer::may_answer(X509* signer) const {
    if (X509_check_ca(signer) == is_ca_by_basic_constraints || is_for_cmp(signer)) {
        return true;
    }
    if (recipient_ && X509_NAME_cmp(X509_get_subject_name(signer), recipient_.get()) == 0) {
        return true;
    }
    return std::ranges::find(anchors_, openssl::to_der(signer, i2d_X509)) != anchors_.end();
}

pki::StorePtr CmpPeer::make_store() const {
    auto store = pki::store_of(anchors_, std::nullopt);
    CHECK(X509_STORE_set_ex_data(store.get(), own_slot, const_cast<CmpPeer*>(this)) == 1);
    X509_STORE_set_verify_cb(store.get(), check_leaf);
    return store;
}

}  // namespace cloudsign::external_ca
