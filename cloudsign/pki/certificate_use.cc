#include "cloudsign/pki/certificate_use.h"

#include <algorithm>

#include "hsm/openssl/pointers.h"

namespace cloudsign::pki {

using UsagesPtr = std::unique_ptr<EXTENDED_KEY_USAGE, hsm::openssl::Freed<EXTENDED_KEY_USAGE_free>>;

bool is_for_documents(X509* certificate) {
    const auto usage = X509_get_key_usage(certificate);
    if ((usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) == 0) {
        return false;
    }
    const UsagesPtr usages(static_cast<EXTENDED_KEY_USAGE*>(
        X509_get_ext_d2i(certificate, NID_ext_key_usage, nullptr, nullptr)));
    if (!usages) {
        return true;
    }
    constexpr int other[] = {NID_server_auth, NID_code_sign, NID_time_stamp, NID_OCSP_sign};
    for (int i = 0; i < sk_ASN1_OBJECT_num(usages.get()); ++i) {
        const int nid = OBJ_obj2nid(sk_ASN1_OBJECT_value(usages.get(), i));
        if (std::ranges::find(other, nid) == std::end(other)) {
            return true;
        }
    }
    return false;
}

}  // namespace cloudsign::pki
