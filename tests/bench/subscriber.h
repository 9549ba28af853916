#pragma once

#include <cstdint>
#include <string>

#include "hsm/protocol/types.h"

namespace bench {

// Somebody with a key in the appliance, and what their phone keeps.
struct Subscriber {
    std::string signer_id;
    std::string credential_id;
    std::string device_id;
    std::string name;
    std::string subject;    // RFC 4514
    std::string session;    // bearer of the device
    hsm::Digest passkey{};  // the private scalar
};

// Subscribers who follow from a seed and a number, so that a million phones need no files. Only
// their keys in the module are random.
class Population {
public:
    Population(std::string seed, std::uint64_t size) : seed_(std::move(seed)), size_(size) {}

    static constexpr std::uint64_t size_max = 9'999'999;  // names have seven digits

    std::uint64_t size() const { return size_; }
    Subscriber at(std::uint64_t number) const;

private:
    hsm::Digest derive(const char* use, std::uint64_t number) const;

    std::string seed_;
    std::uint64_t size_;
};

// "0000042": how a subscriber's number stands in every one of their names.
std::string seven_digits(std::uint64_t number);
std::string subject_of(const std::string& digits);

// The public half of a passkey, and its private key as PKCS#8.
hsm::protocol::Point passkey_point(const hsm::Digest& scalar);
std::string passkey_pem(const hsm::Digest& scalar);

}  // namespace bench
