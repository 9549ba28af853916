#include "tests/hostile/matrix/matrix.h"

namespace tests::hostile {
namespace {

const Statuses not_sealed_here = {
    Status::blob_mac_wrong, Status::blob_malformed, Status::blob_epoch_unknown};

Bytes blob_of(ByteView header, ByteView wrapped, const Digest& mac) {
    Bytes buffer(wire::blob_size_max);
    const auto authenticated =
        must(wire::encode_blob_authenticated(header, wrapped, buffer), "encode");
    return copy_of(must(wire::encode_blob_finish(authenticated.size(), mac, buffer), "encode"));
}

Bytes header_of(const wire::KeyHeader& header) {
    Bytes buffer(wire::header_size_max);
    return copy_of(must(wire::encode(header, buffer), "encode"));
}

// A blob in the two places where it could do harm.
class Blobs {
public:
    Blobs(Matrix& matrix, const Signing& signing) : matrix_(matrix), signing_(signing) {}

    void refused(const std::string& name, const Bytes& blob, const Statuses& expected) {
        auto signing = signing_.request();
        signing.blob = blob;
        matrix_.refused(matrix_.target.first.send, "sign with " + name, signing, expected);
        const wire::OpenActivationRequest open{
            blob, wire::Purpose::sign, es256, 1, support::random_digest(), {}, 60'000};
        matrix_.refused(matrix_.target.first.send, "open with " + name, open, expected);
        matrix_.refused(matrix_.target.second.send, "open elsewhere " + name, open, expected);
    }

private:
    Matrix& matrix_;
    const Signing& signing_;
};

void headers(Matrix& matrix, Blobs blobs) {
    const auto victim = must(wire::decode_blob(matrix.victim().blob), "decode");
    const auto attackers_policy = matrix.attacker().policy;
    const auto change = [&](const char* name, auto&& edit) {
        auto header = victim.header;
        edit(header);
        const auto encoded_header = header_of(header);
        const auto blob = blob_of(encoded_header, victim.wrapped, victim.mac);
        blobs.refused(std::string("another ") + name, blob, not_sealed_here);
        const auto own_mac =
            support::sha256_of(ByteView(blob).first(blob.size() - 2 - hsm::digest_size));
        blobs.refused(std::string("another ") + name + " and its hash as MAC",
                      blob_of(encoded_header, victim.wrapped, own_mac),
                      not_sealed_here);
    };
    change("epoch 0", [](auto& h) { h.epoch = 0; });
    change("epoch 2", [](auto& h) { h.epoch = 2; });
    change("kind organisation", [](auto& h) { h.kind = wire::KeyKind::organisation; });
    change("kind issuer", [](auto& h) { h.kind = wire::KeyKind::issuer; });
    change("kind ocsp", [](auto& h) { h.kind = wire::KeyKind::ocsp; });
    change("kind tsa", [](auto& h) { h.kind = wire::KeyKind::tsa; });
    change("key type", [](auto& h) { h.key_type = wire::KeyType::p384; });
    change("key type rsa", [](auto& h) { h.key_type = wire::KeyType::rsa2048; });
    change("key id", [](auto& h) { h.key_id[0] ^= 1; });
    change("version 0", [](auto& h) { h.version = 0; });
    change("version 2", [](auto& h) { h.version = 2; });
    change("version max", [](auto& h) { h.version = UINT32_MAX; });
    change("policy", [&](auto& h) { h.policy = attackers_policy; });
    change("no policy", [](auto& h) { h.policy = {}; });
    change("officer", [](auto& h) { h.officer[0] ^= 1; });
    change("no officer", [](auto& h) { h.officer = {}; });
    const auto attacker = must(wire::decode_blob(matrix.attacker().blob), "decode");
    change("SPKI", [&](auto& h) { h.spki = attacker.header.spki; });
    change("SPKI and key id", [&](auto& h) {
        h.spki = attacker.header.spki;
        h.key_id = attacker.header.key_id;
    });
}

// The attacker's header, whose phone is the attacker's, on the victim's wrapped key.
void splices(Matrix& matrix, Blobs blobs) {
    const auto victim = must(wire::decode_blob(matrix.victim().blob), "decode");
    const auto unbound = must(wire::decode_blob(matrix.victim().unbound), "decode");
    const auto attacker = must(wire::decode_blob(matrix.attacker().blob), "decode");
    const auto issuer = must(wire::decode_blob(matrix.issuer().blob), "decode");
    const wire::KeyBlob* const all[] = {&victim, &unbound, &attacker, &issuer};
    for (std::size_t header = 0; header < 4; ++header) {
        for (std::size_t wrapped = 0; wrapped < 4; ++wrapped) {
            for (std::size_t mac = 0; mac < 4; ++mac) {
                // A key keeps its wrapped form when it is bound: equal parts are no splice.
                const auto wrapped_of = [](std::size_t i) { return i == 1 ? std::size_t{0} : i; };
                if (header == mac && wrapped_of(header) == wrapped_of(wrapped)) {
                    continue;
                }
                blobs.refused(
                    "header " + std::to_string(header) + " on key " + std::to_string(wrapped) +
                        " with MAC " + std::to_string(mac),
                    blob_of(all[header]->header_bytes, all[wrapped]->wrapped, all[mac]->mac),
                    not_sealed_here);
            }
        }
    }
}

}  // namespace

void blob_cases(Matrix& matrix) {
    const auto signing = matrix.approved(matrix.victim());
    const Blobs blobs(matrix, signing);

    headers(matrix, blobs);
    splices(matrix, blobs);
    const auto victim = must(wire::decode_blob(matrix.victim().blob), "decode");
    for (std::size_t size = 0; size < victim.wrapped.size(); size += 8) {
        Blobs(blobs).refused("a wrapped key of " + std::to_string(size),
                             blob_of(victim.header_bytes, victim.wrapped.first(size), victim.mac),
                             not_sealed_here);
    }
    auto unbound = signing.request();
    unbound.blob = matrix.victim().unbound;
    matrix.refused(
        matrix.target.first.send, "sign with the unbound blob", unbound, {Status::blob_unbound});

    matrix.signs(matrix.target.first.send, "blob untouched", signing.request());
}

}  // namespace tests::hostile
