#pragma once

#include <optional>
#include <string_view>

#include "hsm/protocol/types.h"

// The words of our own endpoints and files for the protocol's numbers.
namespace server::api {

std::string_view purpose_name(hsm::protocol::Purpose purpose);
std::string_view scheme_name(hsm::protocol::Scheme scheme);
std::string_view digest_name(hsm::protocol::DigestAlgorithm digest);
std::string_view state_name(hsm::protocol::State state);
std::string_view class_name(hsm::protocol::AssuranceClass assurance_class);
std::string_view key_type_name(hsm::protocol::KeyType type);
std::optional<hsm::protocol::KeyType> key_type_named(std::string_view name);

}  // namespace server::api
