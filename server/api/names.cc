#include "server/api/names.h"

#include <algorithm>

namespace server::api {
namespace {

using hsm::protocol::AssuranceClass;
using hsm::protocol::DigestAlgorithm;
using hsm::protocol::KeyType;
using hsm::protocol::Purpose;
using hsm::protocol::Scheme;
using hsm::protocol::State;

template <class T>
struct Named {
    T value;
    std::string_view name;
};

constexpr Named<Purpose> purposes[] = {{Purpose::sign, "sign"},
                                       {Purpose::bind, "bind"},
                                       {Purpose::rebind, "rebind"},
                                       {Purpose::issue, "issue"},
                                       {Purpose::revoke, "revoke"}};
constexpr Named<Scheme> schemes[] = {{Scheme::none, "none"},
                                     {Scheme::ecdsa, "ecdsa"},
                                     {Scheme::rsa_pkcs1, "rsa_pkcs1"},
                                     {Scheme::rsa_pss, "rsa_pss"}};
constexpr Named<DigestAlgorithm> digests[] = {{DigestAlgorithm::sha256, "sha256"},
                                              {DigestAlgorithm::sha384, "sha384"},
                                              {DigestAlgorithm::sha512, "sha512"}};
constexpr Named<State> states[] = {{State::blank, "blank"},
                                   {State::provisioned, "provisioned"},
                                   {State::locked, "locked"},
                                   {State::operational, "operational"},
                                   {State::failed, "failed"},
                                   {State::tampered, "tampered"}};
constexpr Named<AssuranceClass> classes[] = {{AssuranceClass::software, "software"},
                                             {AssuranceClass::emulated, "emulated"},
                                             {AssuranceClass::hardware, "hardware"}};
constexpr Named<KeyType> key_types[] = {{KeyType::p256, "p256"},
                                        {KeyType::p384, "p384"},
                                        {KeyType::rsa2048, "rsa2048"},
                                        {KeyType::rsa3072, "rsa3072"},
                                        {KeyType::rsa4096, "rsa4096"}};

template <class T, std::size_t n>
std::string_view name_in(const Named<T> (&table)[n], T value) {
    const auto* found = std::ranges::find(table, value, &Named<T>::value);
    return found == std::end(table) ? std::string_view("unknown") : found->name;
}

}  // namespace

std::string_view purpose_name(Purpose purpose) {
    return name_in(purposes, purpose);
}
std::string_view scheme_name(Scheme scheme) {
    return name_in(schemes, scheme);
}
std::string_view digest_name(DigestAlgorithm digest) {
    return name_in(digests, digest);
}
std::string_view state_name(State state) {
    return name_in(states, state);
}
std::string_view class_name(AssuranceClass assurance_class) {
    return name_in(classes, assurance_class);
}
std::string_view key_type_name(KeyType type) {
    return name_in(key_types, type);
}

std::optional<KeyType> key_type_named(std::string_view name) {
    const auto* found = std::ranges::find(key_types, name, &Named<KeyType>::name);
    if (found == std::end(key_types)) {
        return std::nullopt;
    }
    return found->value;
}

}  // namespace server::api
