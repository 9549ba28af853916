#include <openssl/x509.h>

#include "tests/hostile/matrix/matrix.h"
#include "tests/support/service_content.h"

namespace tests::hostile {
namespace {

using support::der;
using support::sign_list;
using support::sign_service;
using support::some_list;
using support::some_response_data;
using support::time_stamp;

constexpr Byte sequence = 0x30;

Status status_of(const hsm::Result<Bytes>& made) {
    return made ? Status::ok : made.error();
}

// A TBSCertificate for a key of the host's own, as OpenSSL writes it.
Bytes tbs_certificate(long version, long serial) {
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"),
                                                                  EVP_PKEY_free);
    auto* name = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(
        name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>("Mallory"), -1, -1, 0);
    X509_set_issuer_name(certificate.get(), name);
    X509_set_version(certificate.get(), version);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 86'400);
    X509_set_pubkey(certificate.get(), key.get());
    // Fills in the algorithm inside, as a signature by the issuer would.
    CHECK(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);
    unsigned char* encoded = nullptr;
    const int size = i2d_re_X509_tbs(certificate.get(), &encoded);
    CHECK(size > 0);
    Bytes tbs(encoded, encoded + size);
    OPENSSL_free(encoded);
    return tbs;
}

// The elements inside an outer SEQUENCE, each with its head.
std::vector<Bytes> elements_of(ByteView whole) {
    std::vector<Bytes> elements;
    const auto size_at = [&](std::size_t at, std::size_t& head) {
        std::size_t length = whole[at + 1];
        head = 2;
        if (length >= 0x80) {
            head += length - 0x80;
            length = 0;
            for (std::size_t i = at + 2; i < at + head; ++i) {
                length = length << 8 | whole[i];
            }
        }
        return length;
    };
    std::size_t head = 0;
    size_at(0, head);
    for (std::size_t at = head; at < whole.size();) {
        const auto length = size_at(at, head);
        elements.push_back(copy_of(whole.subspan(at, head + length)));
        at += head + length;
    }
    return elements;
}

Bytes joined(const std::vector<Bytes>& elements) {
    Bytes inside;
    for (const auto& one : elements) {
        inside.insert(inside.end(), one.begin(), one.end());
    }
    return der(sequence, {inside});
}

struct Structure {
    std::string name;
    Bytes bytes;
};

// What is no list, though much of it looks like one.
std::vector<Structure> no_lists() {
    const auto list = some_list(2);
    const auto v1 = tbs_certificate(X509_VERSION_1, 1);
    const auto right = elements_of(list);
    std::vector<Structure> all = {
        {"a TBSCertificate of v3", tbs_certificate(X509_VERSION_3, 7)},
        {"a TBSCertificate of v2", tbs_certificate(X509_VERSION_2, 1)},
        {"a TBSCertificate of v1", tbs_certificate(X509_VERSION_1, 7)},
        {"a TBSCertificate of v1 whose serial number looks like a list's version", v1},
        {"a ResponseData", some_response_data()},
        {"a TSTInfo", time_stamp(1'700'000'000'000).content},
        {"nothing inside", der(sequence, {})},
        {"a list in a SET", der(0x31, {ByteView(list).subspan(2)})},
    };
    for (std::size_t i = 0; i < right.size(); ++i) {
        auto without = right;
        without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
        if (i != 5) {  // without entries it is a list
            all.push_back({"a list without element " + std::to_string(i), joined(without)});
        }
        auto twice = right;
        twice.insert(twice.begin() + static_cast<std::ptrdiff_t>(i), right[i]);
        all.push_back({"a list with element " + std::to_string(i) + " twice", joined(twice)});
        auto foreign = right;
        foreign[i][0] = 0xa3;
        all.push_back({"a list with element " + std::to_string(i) + " tagged", joined(foreign)});
    }
    // Its beginning from a list, its end from a certificate, and the other way round.
    const auto certificate = elements_of(v1);
    for (std::size_t cut = 1; cut < certificate.size() && cut < right.size(); ++cut) {
        std::vector<Bytes> mixed(right.begin(), right.begin() + static_cast<std::ptrdiff_t>(cut));
        mixed.insert(
            mixed.end(), certificate.begin() + static_cast<std::ptrdiff_t>(cut), certificate.end());
        all.push_back({"a certificate that begins as a list", joined(mixed)});
    }
    auto other_version = right;
    other_version[0][2] = 0;
    all.push_back({"a list of v1", joined(other_version)});
    auto long_head = list;
    long_head.insert(long_head.begin() + 1, {0x82, 0x00});
    all.push_back({"a length that could be shorter", long_head});
    auto indefinite = list;
    indefinite[1] = 0x80;
    all.push_back({"an indefinite length", indefinite});
    auto trailing = list;
    trailing.push_back(0);
    all.push_back({"a byte after the list", trailing});
    auto short_of_one = list;
    short_of_one.pop_back();
    all.push_back({"a list without its last byte", short_of_one});
    return all;
}

void lists(Matrix& matrix, const Holder& tsa) {
    const auto& module = matrix.target.first.send;
    const auto& issuer = matrix.issuer();
    for (const auto& [name, bytes] : no_lists()) {
        for (const std::size_t piece : {std::size_t{1}, std::size_t{5}, bytes.size()}) {
            EXPECT_EQ(Status::content_wrong,
                      status_of(sign_list(module, issuer.blob, bytes, piece)))
                << name << ", in pieces of " << piece;
        }
    }
    const auto list = some_list(2);
    EXPECT_EQ(Status::blob_kind_wrong, status_of(sign_list(module, matrix.victim().blob, list)));
    EXPECT_EQ(Status::blob_kind_wrong, status_of(sign_list(module, tsa.blob, list)));
    EXPECT_EQ(Status::blob_unbound, status_of(sign_list(module, issuer.unbound, list)));

    ASSERT_EQ(Status::ok, status_of(sign_list(module, issuer.blob, list)));
    matrix.refused(module,
                   "a list signed, and once more",
                   wire::ListFinishRequest{issuer.blob, es256, 0},
                   {Status::list_not_begun});
    // What was checked is what is signed: nothing comes in between.
    const auto size = static_cast<std::uint32_t>(list.size());
    ASSERT_TRUE(call(module, wire::ListBeginRequest{size}));
    matrix.refused(module,
                   "a list of which nothing has come",
                   wire::ListFinishRequest{issuer.blob, es256, 0},
                   {Status::list_offset_wrong});
    matrix.refused(module,
                   "the second piece first",
                   wire::ListWriteRequest{1, ByteView(list).subspan(1)},
                   {Status::list_offset_wrong});
    ASSERT_TRUE(call(module, wire::ListWriteRequest{0, ByteView(list).first(9)}));
    matrix.refused(module,
                   "the first piece twice",
                   wire::ListWriteRequest{0, ByteView(list).first(9)},
                   {Status::list_offset_wrong});
    // In each sample: it is what the module drops the list for.
    EXPECT_EQ(Status::content_wrong,
              support::status_of(module(encoded(wire::ListWriteRequest{9, list}))))
        << "more than was announced";
    matrix.refused(module,
                   "a piece after a wrong one",
                   wire::ListWriteRequest{9, ByteView(list).subspan(9)},
                   {Status::list_not_begun});
}

void answers(Matrix& matrix, const Holder& ocsp) {
    const auto& module = matrix.target.first.send;
    const auto right = some_response_data();
    ASSERT_EQ(Status::ok, status_of(sign_service(module, ocsp.blob, right, {})));
    auto elements = elements_of(right);
    elements[0][0] = 0xa1;
    auto longer = right;
    longer.push_back(0);
    const Structure wrong[] = {
        {"a TBSCertificate", tbs_certificate(X509_VERSION_3, 1)},
        {"a TBSCertificate of v1", tbs_certificate(X509_VERSION_1, 1)},
        {"a list", some_list(1)},
        {"a responder by name", joined(elements)},
        {"a byte more", longer},
        {"nothing", {}},
    };
    for (const auto& [name, bytes] : wrong) {
        EXPECT_EQ(Status::content_wrong, status_of(sign_service(module, ocsp.blob, bytes, {})))
            << name;
    }
    EXPECT_EQ(Status::content_wrong, status_of(sign_service(module, ocsp.blob, right, right)));
}

void stamps(Matrix& matrix, const Holder& tsa) {
    constexpr std::uint64_t now = 1'795'000'000'500;
    const auto& module = matrix.target.first.send;
    const auto right = time_stamp(now);
    const auto other = time_stamp(now);
    const auto digest = support::sha256_of(right.content);
    const auto attributes = elements_of(right.attributes);
    const auto with = [&](std::vector<Bytes> list) {
        auto set = joined(list);
        set[0] = 0x31;
        return set;
    };
    const struct {
        const char* name;
        Bytes content;
        Bytes attributes;
    } wrong[] = {
        {"attributes of another time-stamp", right.content, other.attributes},
        {"attributes of a document",
         right.content,
         support::time_stamp_attributes(Bytes{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1},
                                        digest)},
        {"no attributes", right.content, {}},
        {"no content type", right.content, with({attributes[1]})},
        {"no digest", right.content, with({attributes[0]})},
        {"two digests", right.content, with({attributes[0], attributes[1], attributes[1]})},
        {"attributes that are a certificate", right.content, tbs_certificate(X509_VERSION_3, 1)},
        {"a certificate for a TSTInfo", tbs_certificate(X509_VERSION_1, 1), right.attributes},
        {"a list for a TSTInfo", some_list(1), right.attributes},
    };
    for (const auto& one : wrong) {
        EXPECT_EQ(Status::content_wrong,
                  status_of(sign_service(module, tsa.blob, one.content, one.attributes)))
            << one.name;
    }
    ASSERT_EQ(Status::ok,
              status_of(sign_service(module, tsa.blob, right.content, right.attributes)));
    const auto hour_ago = time_stamp(now - 3'600'000);
    EXPECT_EQ(Status::time_not_trusted,
              status_of(sign_service(module, tsa.blob, hour_ago.content, hour_ago.attributes)));
    const auto in_an_hour = time_stamp(now + 3'600'000);
    EXPECT_EQ(Status::time_not_trusted,
              status_of(sign_service(module, tsa.blob, in_an_hour.content, in_an_hour.attributes)));
}

}  // namespace

// What is signed without anybody's approval: the one structure that a key exists for, nothing else.
void service_cases(Matrix& matrix) {
    const auto& module = matrix.target.first.send;
    const auto& people = matrix.people;
    const auto ocsp = must(support::enrol(module, people, wire::KeyType::p256, wire::KeyKind::ocsp),
                           "enrol ocsp");
    const auto tsa =
        must(support::enrol(module, people, wire::KeyType::p256, wire::KeyKind::tsa), "enrol tsa");
    lists(matrix, tsa);
    answers(matrix, ocsp);
    stamps(matrix, tsa);

    const auto answer = some_response_data();
    const auto stamp = time_stamp(1'795'000'001'000);
    const auto person = matrix.victim().blob;
    EXPECT_EQ(Status::blob_kind_wrong, status_of(sign_service(module, person, answer, {})));
    EXPECT_EQ(Status::blob_kind_wrong,
              status_of(sign_service(module, matrix.issuer().blob, answer, {})));
    EXPECT_EQ(Status::blob_unbound, status_of(sign_service(module, ocsp.unbound, answer, {})));
    EXPECT_EQ(Status::content_wrong,
              status_of(sign_service(module, ocsp.blob, stamp.content, stamp.attributes)));
    EXPECT_EQ(Status::content_wrong, status_of(sign_service(module, tsa.blob, answer, {})));
    for (const auto& blob : {ocsp.blob, tsa.blob}) {
        for (const auto purpose : {wire::Purpose::sign, wire::Purpose::issue}) {
            matrix.refused(module,
                           "an activation of a service's key",
                           wire::OpenActivationRequest{blob, purpose, es256, 1, {}, {}, 1000},
                           {Status::blob_kind_wrong});
        }
    }
}

}  // namespace tests::hostile
