#include "cloudsign/cmp/certificate_wish.h"
#include "cloudsign/cmp/cmp_request.h"
#include "cloudsign/cmp/der_element.h"
#include "hsm/base/check.h"
#include "hsm/openssl/der.h"

// What anybody may post to the CA's CMP address, before its protection is looked at and after.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cloudsign::cmp;
    namespace openssl = hsm::openssl;
    using RequestPtr = std::unique_ptr<X509_REQ, openssl::Freed<X509_REQ_free>>;
    using CrmfPtr = std::unique_ptr<OSSL_CRMF_MSG, openssl::Freed<OSSL_CRMF_MSG_free>>;
    const hsm::ByteView input(data, size);

    auto rest = input;
    while (const auto element = take_element(rest)) {
        CHECK(element->whole.size() >= element->content.size() + 2);
        CHECK(rest.size() + element->whole.size() <= size);
    }
    if (const auto message = read_request(input)) {
        CHECK(transaction_id(message->get()).size() <= 128);
        if (has_body(message->get(), CmpBody::rr)) {
            static_cast<void>(reason_in(message->get()));
        }
    }
    if (const auto request = openssl::from_der<CrmfPtr>(input, d2i_OSSL_CRMF_MSG)) {
        const auto wish = read_wish(request.get());
        CHECK(!wish || openssl::read_spki(wish->spki) != nullptr);
    }
    if (const auto request = openssl::from_der<RequestPtr>(input, d2i_X509_REQ)) {
        const auto wish = read_wish(request.get());
        CHECK(!wish || openssl::read_spki(wish->spki) != nullptr);
    }
    return 0;
}
