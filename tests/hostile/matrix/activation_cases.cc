#include "tests/hostile/matrix/matrix.h"

namespace tests::hostile {
namespace {

constexpr auto wrong_leaf = Status::leaf_path_wrong;

void hashes_and_labels(Matrix& matrix, const Signing& signing) {
    const auto& module = matrix.target.first.send;
    const auto right = signing.request();
    const auto other_hash = support::random_digest();

    auto request = right;
    request.hash = other_hash;
    matrix.refused(module, "another hash", request, {wrong_leaf});
    request = right;
    request.label_hash = other_hash;
    matrix.refused(module, "another label", request, {wrong_leaf});
    request = right;
    request.leaf_index = 1;
    matrix.refused(module, "an index past the end", request, {Status::leaf_index_wrong});
    for (std::size_t size = 0; size <= 64; ++size) {
        if (size == 32) {
            continue;
        }
        const Bytes hash(size, 0x5a);
        request = right;
        request.hash = hash;
        matrix.refused(module,
                       "a hash of " + std::to_string(size) + " bytes",
                       request,
                       {Status::algorithm_wrong});
    }
    for (std::size_t siblings = 1; siblings <= 10; ++siblings) {
        const Bytes path(32 * siblings, 0x11);
        request = right;
        request.path = path;
        matrix.refused(module,
                       "a path of " + std::to_string(siblings) + " where none is",
                       request,
                       {wrong_leaf});
    }
}

// One approval for `count` documents: every leaf at every other place.
void batches(Matrix& matrix, std::size_t count) {
    const auto& module = matrix.target.first.send;
    const auto signing = matrix.approved(matrix.victim(), count);
    const auto foreign = matrix.approved(matrix.victim(), count);
    const auto name = "batch of " + std::to_string(count) + ": ";
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto at = " " + std::to_string(i);
        const auto right = signing.request(i);
        const auto path = copy_of(right.path);
        for (std::uint32_t j = 0; j < count; ++j) {
            if (j == i) {
                continue;
            }
            auto swapped = right;
            swapped.leaf_index = j;
            matrix.refused(module, name + "index swapped" + at, swapped, {wrong_leaf});
            auto other = right;
            other.hash = signing.hashes[j].hash;
            matrix.refused(module, name + "hash swapped" + at, other, {wrong_leaf});
            other.label_hash = signing.hashes[j].label_hash;
            matrix.refused(module, name + "leaf swapped" + at, other, {wrong_leaf});
        }
        auto request = right;
        request.leaf_index = static_cast<std::uint32_t>(count);
        matrix.refused(module, name + "an extra leaf" + at, request, {Status::leaf_index_wrong});

        const auto foreign_path = copy_of(foreign.request(i).path);
        request = right;
        request.path = foreign_path;
        matrix.refused(module, name + "path of another tree" + at, request, {wrong_leaf});
        request.hash = foreign.hashes[i].hash;
        request.label_hash = foreign.hashes[i].label_hash;
        matrix.refused(module, name + "leaf and path of another tree" + at, request, {wrong_leaf});

        request = right;
        request.path = ByteView(path).first(path.size() - 32);
        matrix.refused(module, name + "path without its end" + at, request, {wrong_leaf});
        request.path = ByteView(path).subspan(32);
        matrix.refused(module, name + "path without its beginning" + at, request, {wrong_leaf});
        request.path = ByteView(path).first(path.size() - 1);
        matrix.refused(module, name + "path cut by a byte" + at, request, {wrong_leaf});
        request.path = {};
        matrix.refused(module, name + "no path" + at, request, {wrong_leaf});
        auto longer = path;
        longer.insert(longer.end(), 32, 0x00);
        request.path = longer;
        matrix.refused(module, name + "path with one more" + at, request, {wrong_leaf});
    }
    // A node is no leaf: 0x00 and 0x01 before them (RFC 9162 §2.1.1).
    auto root_as_leaf = signing.request(0);
    root_as_leaf.hash = signing.activation.challenge;
    root_as_leaf.path = {};
    matrix.refused(module, name + "the challenge as hash", root_as_leaf, {wrong_leaf});

    for (std::uint32_t i = 0; i < count; ++i) {
        matrix.signs(module, name + "leaf " + std::to_string(i), signing.request(i));
        matrix.refused(module,
                       name + "leaf again " + std::to_string(i),
                       signing.request(i),
                       {Status::activation_spent});
    }
    for (std::uint32_t i = 0; i < count; ++i) {
        matrix.refused(module,
                       name + "leaf after the last " + std::to_string(i),
                       signing.request(i),
                       {Status::activation_spent});
    }
}

// Each field of the preimage changed in turn, under the MAC that was given for the right one.
void preimages(Matrix& matrix, const Signing& signing) {
    const auto& module = matrix.target.first.send;
    const auto right =
        must(wire::decode_tagged<wire::ChallengePreimage>(signing.activation.preimage), "decode");
    std::vector<std::pair<std::string, wire::ChallengePreimage>> forms;
    const auto change = [&](const char* name, auto&& edit) {
        auto form = right;
        edit(form);
        forms.emplace_back(name, form);
    };
    change("purpose issue", [](auto& p) { p.purpose = wire::Purpose::issue; });
    change("purpose bind", [](auto& p) { p.purpose = wire::Purpose::bind; });
    change("purpose rebind", [](auto& p) { p.purpose = wire::Purpose::rebind; });
    change("module", [](auto& p) { p.module_id[0] ^= 1; });
    change("boot counter + 1", [](auto& p) { ++p.boot_counter; });
    change("boot counter - 1", [](auto& p) { --p.boot_counter; });
    change("sequence + 1", [](auto& p) { ++p.sequence; });
    change("sequence - 1", [](auto& p) { --p.sequence; });
    change("sequence far", [](auto& p) { p.sequence = UINT64_MAX; });
    change("expiry later", [](auto& p) { p.expiry_tick_ms += 1; });
    change("expiry never", [](auto& p) { p.expiry_tick_ms = UINT64_MAX; });
    change("random", [](auto& p) { p.random[31] ^= 1; });
    change("key id", [](auto& p) { p.key_id[5] ^= 1; });
    change("blob version", [](auto& p) { ++p.blob_version; });
    change("policy", [](auto& p) { p.policy_hash[9] ^= 1; });
    change("scheme pkcs1", [](auto& p) { p.algorithm.scheme = wire::Scheme::rsa_pkcs1; });
    change("scheme pss", [](auto& p) { p.algorithm.scheme = wire::Scheme::rsa_pss; });
    change("scheme none", [](auto& p) { p.algorithm.scheme = wire::Scheme::none; });
    change("digest 384", [](auto& p) { p.algorithm.digest = wire::DigestAlgorithm::sha384; });
    change("digest 512", [](auto& p) { p.algorithm.digest = wire::DigestAlgorithm::sha512; });
    change("salt", [](auto& p) { p.algorithm.salt_length = 32; });
    change("leaf count", [](auto& p) { p.leaf_count = 1024; });
    change("root", [](auto& p) { p.root[0] ^= 0x80; });
    change("context", [](auto& p) { p.context_hash[0] ^= 1; });
    for (const auto& [name, form] : forms) {
        Bytes buffer(wire::preimage_size_max);
        const auto preimage = must(wire::encode_tagged(form, buffer), "encode");
        const auto challenge = support::sha256_of(preimage);
        const auto assertion = matrix.victim().keys[0].assertion(matrix.people.form(challenge));
        for (const bool approved : {false, true}) {
            auto request = signing.request();
            request.preimage = preimage;
            if (approved) {
                request.assertions.clear();
                CHECK(request.assertions.push_back(assertion));
            }
            matrix.refused(module,
                           "preimage with another " + name + (approved ? ", approved" : ""),
                           request,
                           {Status::activation_mac_wrong});
            request.mac = challenge;
            matrix.refused(module,
                           "preimage with another " + name + " and its hash as MAC",
                           request,
                           {Status::activation_mac_wrong});
        }
    }
    auto request = signing.request();
    for (const auto& mac : {Digest{}, right.random, right.root, signing.activation.challenge}) {
        request.mac = mac;
        matrix.refused(module, "a made-up MAC", request, {Status::activation_mac_wrong});
    }
}

void other_activations(Matrix& matrix, const Signing& signing) {
    const auto& module = matrix.target.first.send;
    const auto other = matrix.approved(matrix.victim());
    const auto attackers = matrix.approved(matrix.attacker());

    auto request = signing.request();
    request.preimage = other.activation.preimage;
    matrix.refused(
        module, "preimage of another activation", request, {Status::activation_mac_wrong});
    request.mac = other.activation.mac;
    matrix.refused(module,
                   "another activation with this approval",
                   request,
                   {Status::assertion_client_data_wrong});
    request = signing.request();
    request.mac = other.activation.mac;
    matrix.refused(module, "MAC of another activation", request, {Status::activation_mac_wrong});

    request = attackers.request();
    request.blob = matrix.victim().blob;
    matrix.refused(module,
                   "the attacker's activation for the victim's key",
                   request,
                   {Status::activation_key_mismatch});
    request = signing.request();
    request.blob = matrix.attacker().blob;
    matrix.refused(module,
                   "the victim's activation for the attacker's key",
                   request,
                   {Status::activation_key_mismatch});
    request = signing.request();
    request.blob = matrix.issuer().blob;
    matrix.refused(
        module, "the victim's activation for the issuer's key", request, {Status::blob_kind_wrong});

    matrix.refused(matrix.target.second.send,
                   "the same approval on the second module",
                   signing.request(),
                   {Status::activation_mac_wrong});
}

void other_purposes(Matrix& matrix) {
    const auto& module = matrix.target.first.send;
    const auto& people = matrix.people;
    const auto& victim = matrix.victim();
    const auto hashes = support::some_hashes(1);
    const auto root = support::root_of(hashes, wire::DigestAlgorithm::sha256);
    const auto open = [&](ByteView blob, wire::Purpose purpose) {
        return must(support::open_activation(module, blob, purpose, {}, 1, root), "open");
    };
    const auto request_with = [&](ByteView blob, const Activation& activation) {
        Signing signing;
        signing.blob = copy_of(blob);
        signing.activation = activation;
        signing.hashes = hashes;
        signing.assertions = {victim.keys[0].assertion(people.form(activation.challenge))};
        return encoded(signing.request());
    };
    matrix.refused(module,
                   "an approval to rebind used to sign",
                   request_with(victim.blob, open(victim.blob, wire::Purpose::rebind)),
                   {Status::activation_purpose_wrong});
    const auto bind = open(victim.unbound, wire::Purpose::bind);
    matrix.refused(module,
                   "an approval to bind used to sign",
                   request_with(victim.unbound, bind),
                   {Status::activation_purpose_wrong});
    matrix.refused(module,
                   "an approval to bind used to sign with the bound blob",
                   request_with(victim.blob, bind),
                   {Status::blob_bound_already});
}

void opening(Matrix& matrix) {
    const auto& module = matrix.target.first.send;
    const auto& victim = matrix.victim();
    const wire::OpenActivationRequest right{
        victim.blob, wire::Purpose::sign, es256, 1, support::random_digest(), {}, 1000};
    auto request = right;
    request.lifetime_ms = wire::lifetime_ms_max + 1;
    matrix.refused(module, "a lifetime over the limit", request, {Status::lifetime_too_long});
    request.lifetime_ms = UINT64_MAX;
    matrix.refused(module, "an endless lifetime", request, {Status::lifetime_too_long});
    request = right;
    request.blob = victim.unbound;
    matrix.refused(module, "an unbound blob", request, {Status::blob_unbound});
    request.purpose = wire::Purpose::rebind;
    request.algorithm = {};
    matrix.refused(module, "rebind of an unbound blob", request, {Status::blob_unbound});
    request = right;
    request.purpose = wire::Purpose::issue;
    matrix.refused(module, "issue with a person's key", request, {Status::blob_kind_wrong});
    request.purpose = wire::Purpose::bind;
    request.algorithm = {};
    matrix.refused(module, "bind of a bound blob", request, {Status::blob_bound_already});
    request = right;
    request.blob = matrix.issuer().blob;
    matrix.refused(module, "sign with an issuer's key", request, {Status::blob_kind_wrong});
    request.purpose = wire::Purpose::rebind;
    request.algorithm = {};
    matrix.refused(module, "rebind of an issuer's key", request, {Status::blob_kind_wrong});
    request = right;
    request.purpose = wire::Purpose::rebind;
    request.algorithm = {};
    request.leaf_count = 2;
    matrix.refused(module, "rebind with two leaves", request, {Status::leaf_count_wrong});
}

}  // namespace

void activation_cases(Matrix& matrix) {
    const auto& module = matrix.target.first.send;
    const auto signing = matrix.approved(matrix.victim());

    hashes_and_labels(matrix, signing);
    preimages(matrix, signing);
    other_activations(matrix, signing);
    other_purposes(matrix);
    opening(matrix);

    matrix.signs(module, "activation untouched", signing.request());
    for (int again = 0; again < 10; ++again) {
        matrix.refused(
            module, "a replayed approval", signing.request(), {Status::activation_spent});
    }
    matrix.refused(matrix.target.second.send,
                   "a replayed approval on the second module",
                   signing.request(),
                   {Status::activation_mac_wrong});
    for (const std::size_t count : {2, 3, 7, 8}) {
        batches(matrix, count);
    }
}

}  // namespace tests::hostile
